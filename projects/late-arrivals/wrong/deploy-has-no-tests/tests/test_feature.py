"""To be written when there is time."""
