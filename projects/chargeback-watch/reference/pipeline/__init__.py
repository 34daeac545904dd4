"""Chargeback Watch: from five messy sources to a dispute probability per sale."""
