"""Milestone 4: python -m pipeline.predict --model build/model --in rows --out build/predictions"""

raise SystemExit("pipeline.predict is not written yet: say a probability for each row of features.parquet.")
