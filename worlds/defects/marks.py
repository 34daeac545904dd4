"""Defects of codes that are written in capitals, such as tail numbers and airports: small letters, a dash, a space."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class MarkVariant(Defect):
    """The same code in small letters, with a space behind it or, where `dashed`, with a dash after its first letter."""

    kind: str = "mark_variant"
    dashed: bool = False

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        chosen = rows & frame[self.column].notna().to_numpy()
        codes = frame[self.column].to_numpy()[chosen]
        how = rng.integers(3 if self.dashed else 2, size=len(codes))
        cells = [(code.lower(), f"{code} ", f"{code[0]}-{code[1:]}")[way] for code, way in zip(codes, how, strict=True)]
        return self.overwrite(frame, chosen, cells, log)
