"""Whichever model a folder holds: stumps if they were trained here, else the logistic regression served before."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pipeline import boosting, model
from pipeline.boosting import Model as Stumps
from pipeline.model import Model as Logistic


def load_model(folder: Path) -> tuple[Stumps | Logistic, str]:
    kind = boosting if (folder / boosting.FILE).exists() else model
    return kind.load_model(folder)


def relearn(served: Stumps | Logistic, columns: Mapping[str, Any], outcome: np.ndarray) -> Stumps | Logistic:
    return (boosting if isinstance(served, Stumps) else model).relearn(served, columns, outcome)
