"""Codes in another spelling: what is planted is in the log, tidying brings it back, and nothing else changed."""

import numpy as np
import pandas as pd
import pytest

from worlds.defects.log import DefectLog
from worlds.defects.marks import MarkVariant


@pytest.mark.parametrize("dashed", [True, False])
def test_chosen_codes_are_spelt_otherwise_and_logged(dashed: bool) -> None:
    frame = pd.DataFrame({"record_id": [f"f_{n}" for n in range(60)], "tailnum": [f"N{n}AB" for n in range(60)]})
    frame.loc[::7, "tailnum"] = None
    rows = np.arange(60) % 2 == 0
    log = DefectLog()
    after = MarkVariant("flights", "tailnum", dashed=dashed).plant(frame, rows, np.random.default_rng(1), log)
    hit = rows & frame["tailnum"].notna().to_numpy()
    changed = (after["tailnum"] != frame["tailnum"]) & frame["tailnum"].notna()
    assert changed.tolist() == hit.tolist()
    assert log.frame()["record_id"].tolist() == frame["record_id"][hit].tolist()
    assert log.frame()["corrupted"].tolist() == after["tailnum"][hit].tolist()
    tidy = after["tailnum"].str.strip().str.upper().str.replace("-", "")
    assert tidy[hit].tolist() == frame["tailnum"][hit].tolist()
    assert after["tailnum"][hit].str.contains("-").any() == dashed
