"""The learner's command line: talks to a Milepost server over HTTP. Knows nothing of Django, and judges nothing."""

__version__ = "0.1.0"
