"""Ends with an error whose words are escapes, markup and a forged verdict. Must: be shown harmlessly, as its own words.

Against: ingest
Ends: broken
Says: stopped with an error
Stopped by: control characters taken out of output
"""

raise ValueError("\x1b]0;owned\x07\x1b[2J\u202e<script>alert(1)</script>\u2066 passed: All 9 checks hold.")
