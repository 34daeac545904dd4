import numpy as np
import pandas as pd

COLUMNS = {"sale": "string", "probability": "float"}


def each_sale_is_one_row(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Each sale that was held out is one row."""
    assert sorted(found["sale"]) == sorted(truth["sale"]), "Sales are lost or there twice."


def probabilities_are_probabilities(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Every number is between 0 and 1."""
    assert found["probability"].between(0, 1).all(), "Some numbers are no probabilities."


def model_beats_the_average(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """The model knows most of what can be known."""
    both = truth.merge(found, on="sale")
    naive = np.full(len(both), both["chance"].mean())
    losses = []
    for said in (naive, both["probability"].clip(1e-9, 1 - 1e-9), both["chance"]):
        losses.append(-(both["chance"] * np.log(said) + (1 - both["chance"]) * np.log(1 - said)).mean())
    skill = (losses[0] - losses[1]) / (losses[0] - losses[2])
    assert skill > 0.9, f"The model explains {skill:.0%} of what can be explained."


def mean_is_right(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """As many sales are expected back as will come."""
    both = truth.merge(found, on="sale")
    assert abs(both["probability"].mean() / both["chance"].mean() - 1) < 0.1, "The expected number is off by a tenth."
