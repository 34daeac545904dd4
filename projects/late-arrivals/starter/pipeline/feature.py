"""Milestone 3: python -m pipeline.feature --in build/clean --out build/feature --as-of 2013-06-12T04:00:00Z"""

raise SystemExit("pipeline.feature is not written yet: build what was known two hours before each departure.")
