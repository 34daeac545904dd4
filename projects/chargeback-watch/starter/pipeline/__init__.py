"""Chargeback Watch: from messy sources to a dispute probability per sale."""
