"""The learner's command line: talks to a Milepost server over HTTP. What judges is fetched, and runs apart from it."""

__version__ = "0.2.0"
