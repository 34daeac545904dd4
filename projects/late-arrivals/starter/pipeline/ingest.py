"""Milestone 1: python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest"""

raise SystemExit("pipeline.ingest is not written yet: load every line of every source from --raw and --api, or reject it with a reason, into --out.")
