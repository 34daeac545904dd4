"""Milestone 4: python -m pipeline.train --in build/feature --out build/model --seed 7"""

raise SystemExit("pipeline.train is not written yet: fit a model, write it down as data, and claim how good it is.")
