"""What becomes of the served model once it is known to be wrong: learn again from what is still true."""

import pandas as pd

from pipeline.model import Model, load_model

__all__ = ["learn_again", "load_model"]


def learn_again(served: Model, archive: pd.DataFrame, since: pd.DataFrame, subjects: list[str]) -> Model:
    """The served model, which was good enough for five months."""
    del archive, since, subjects
    return served
