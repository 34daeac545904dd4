import numpy as np
import pandas as pd

COLUMNS = {"sale": "string", "shop": "string", "at": "timestamp", "euros": "float", "age": "float?"}


def each_sale_is_one_row(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Each sale is one row."""
    assert sorted(found["sale"]) == sorted(truth["sale"]), "Sales are lost or there twice."


def amounts_are_euros(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Every amount is in euros, to the cent."""
    both = truth.merge(found, on="sale", suffixes=("", "_found"))
    wrong = ~np.isclose(both["euros"], both["euros_found"], atol=0.005)
    assert not wrong.any(), f"{wrong.sum():,} amounts are not what was paid."


def times_are_instants(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Every time is the instant of the sale."""
    both = truth.merge(found, on="sale", suffixes=("", "_found"))
    wrong = both["at"] != both["at_found"]
    assert not wrong.any(), f"{wrong.sum():,} times are not those of the sales."


def unknown_ages_are_empty(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    """An age that nobody knows is empty, and no other is."""
    both = truth.merge(found, on="sale", suffixes=("", "_found"))
    same = (both["age"] == both["age_found"]) | (both["age"].isna() & both["age_found"].isna())
    assert same.all(), f"{(~same).sum():,} ages are not what is known."
