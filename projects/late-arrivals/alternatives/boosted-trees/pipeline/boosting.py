"""Grows trees with scikit-learn's gradient boosting and takes them apart into plain arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pipeline.trees import CODES, Trees, design
from sklearn.ensemble import HistGradientBoostingClassifier

SHAPE = {"max_iter": 80, "learning_rate": 0.06, "max_leaf_nodes": 10, "min_samples_leaf": 100, "l2_regularization": 5.0}
NODES = ("value", "feature_idx", "num_threshold", "left", "right", "is_leaf")


def fit(columns: Mapping[str, Any], outcome: np.ndarray) -> Trees:
    ranks = {name: _rank(np.asarray(columns[name], dtype=object), outcome) for name in CODES}
    trained = HistGradientBoostingClassifier(random_state=0, early_stopping=False, **SHAPE)
    trained.fit(design(columns, ranks), outcome)
    trees = [stage[0].nodes for stage in trained._predictors]
    starts = np.concatenate([[0], np.cumsum([len(tree) for tree in trees])[:-1]]).astype(int)
    nodes = {name: np.concatenate([tree[name] for tree in trees]).astype(float) for name in NODES}
    shift = np.repeat(starts, [len(tree) for tree in trees])
    whole = {name: (nodes[name] + (shift if name in ("left", "right") else 0)) for name in nodes}
    plain = {name: (v if name in ("value", "num_threshold") else v.astype(int)).tolist() for name, v in whole.items()}
    depth = int(max(tree["depth"].max() for tree in trees))
    return Trees(ranks, float(np.ravel(trained._baseline_prediction)[0]), depth, starts.tolist(), plain)


def _rank(codes: np.ndarray, outcome: np.ndarray) -> dict[str, int]:
    """Codes from the most punctual to the latest, rare ones drawn to the average."""
    names, which = np.unique(codes.astype(str), return_inverse=True)
    number, late = np.bincount(which), np.bincount(which, outcome)
    order = np.argsort((late + 50 * outcome.mean()) / (number + 50), kind="stable")
    return {str(names[place]): rank for rank, place in enumerate(order)}
