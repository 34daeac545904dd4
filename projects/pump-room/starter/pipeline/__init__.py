"""Pump Room: from device packets to a probability that a pump fails within three days."""
