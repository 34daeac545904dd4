"""Signed statements about evidence: Open Badges 3.0 as W3C Verifiable Credentials. Made here, and verified here.

Plain Python, which knows neither Django nor people; the command line brings it to whoever verifies without a server.
"""
