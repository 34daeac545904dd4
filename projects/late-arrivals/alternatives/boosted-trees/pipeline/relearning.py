"""What becomes of the trees once they are known to be wrong: grown anew, on what is still true and on what is new."""

import pandas as pd
from pipeline.boosting import fit
from pipeline.loading import load_model
from pipeline.model import Model
from pipeline.trees import Trees

__all__ = ["learn_again", "load_model"]


def learn_again(served: Model | Trees, archive: pd.DataFrame, since: pd.DataFrame, subjects: list[str]) -> Trees:
    """Trees cannot be moved a little. The archive stays, but for the flights of what rang, and the new ones come."""
    del served
    rows = pd.concat([archive[~_rang(archive, subjects)], since], ignore_index=True)
    return fit(rows, rows["y"].to_numpy())


def _rang(flights: pd.DataFrame, subjects: list[str]) -> pd.Series:
    """The flights of a carrier ("carrier UA") or of some hours ("hours 6-8") that rang; "all" names nobody."""
    rang = pd.Series(False, index=flights.index)
    for kind, name in (subject.split(" ") for subject in subjects if " " in subject):
        if kind == "carrier":
            rang |= flights["carrier"] == name
        else:
            rang |= flights["local_hour"].between(*map(int, name.split("-")))
    return rang
