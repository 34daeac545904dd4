"""The jails: one port, one file per jail."""
