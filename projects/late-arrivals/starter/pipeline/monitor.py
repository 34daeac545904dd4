"""Milestone 6: python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean \\
--as-of 2013-06-12T04:00:00Z --out build/monitor
"""

raise SystemExit("pipeline.monitor is not written yet: replay the weeks in service, ring when something changed, decide.")
