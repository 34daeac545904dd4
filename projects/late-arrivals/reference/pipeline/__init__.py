"""Late Arrivals: from an airport's archive to the chance that a flight lands more than half an hour late."""
