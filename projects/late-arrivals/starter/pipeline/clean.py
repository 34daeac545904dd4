"""Milestone 2: python -m pipeline.clean --in build/ingest --out build/clean"""

raise SystemExit("pipeline.clean is not written yet: make one row mean one flight, and write down what was wrong.")
