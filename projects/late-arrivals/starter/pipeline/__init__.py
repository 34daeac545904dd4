"""Late Arrivals: from an archive of flights to the chance that one lands more than half an hour late."""
