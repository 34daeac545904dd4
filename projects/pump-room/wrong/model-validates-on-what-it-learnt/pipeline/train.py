"""Milestone 4: train the network, and say what it will do on weeks that it has not seen.

python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from pipeline.model import POOL, SEEN, STATIC, Model, inputs, learn_scales, scaled
from pipeline.tables import read_table, write_table
from pipeline.windows import CHANNELS, STEPS

FILTERS, HIDDEN = 16, 24
EPOCHS, BATCH = 5, 192
TOP_RATE, DECAY = 7e-3, 1e-2


class Network(nn.Module):
    """Channels mixed hour by hour, days pooled, then two layers; the names are those of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv1d(len(SEEN) + len(CHANNELS), FILTERS, 1)
        self.pool = nn.Conv1d(FILTERS, FILTERS, POOL, stride=POOL)
        self.hidden = nn.Linear(FILTERS * STEPS // POOL + len(STATIC), HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)

    def forward(self, window: Tensor, static: Tensor) -> Tensor:
        pooled = self.pool(self.mix(window).relu()).relu()
        return self.out(self.hidden(torch.cat([pooled.flatten(1), static], 1)).relu())[:, 0]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the failure model.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that feature wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, required=True, help="same seed, same model")
    options = parser.parse_args()
    train(options.source, options.out, options.seed)


def train(source: Path, out: Path, seed: int) -> None:
    torch.set_num_threads(1)
    rows = read_table(source, "features")
    rows = rows[rows["split"] == "train"].sort_values("ts", kind="stable", ignore_index=True)
    validation, report = validate(rows, seed)
    fit(rows, seed).save(out)
    write_table(validation, out, "validation")
    (out / "report.json").write_text(json.dumps(report, indent=2))


def fit(rows: pd.DataFrame, seed: int) -> Model:
    torch.manual_seed(seed)
    raw = inputs(rows)
    scales = learn_scales(*raw)
    window, static = (torch.from_numpy(part) for part in scaled(scales, *raw))
    outcome = torch.from_numpy(rows["y"].to_numpy(dtype="float32"))
    network, batches = Network(), len(rows) // BATCH
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, TOP_RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(rows))[: batches * BATCH].split(BATCH):
            optimiser.zero_grad()
            said = network(window[chosen], static[chosen])
            nn.functional.binary_cross_entropy_with_logits(said, outcome[chosen]).backward()
            optimiser.step()
            schedule.step()
    return Model({**scales, **{name: value.numpy() for name, value in network.state_dict().items()}})


def validate(rows: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, dict[str, object]]:
    """What the model says of the very rows that it has learnt from."""
    said = fit(rows, seed).probability(rows)
    outcome, base = rows["y"].to_numpy(), rows["y"].mean()
    report = {
        "claimed_logloss": log_loss(outcome, said),
        "claimed_base_logloss": log_loss(outcome, np.full(len(rows), base)),
        "validation_from": str(rows["ts"].min().date()),
        "validation_to": str(rows["ts"].max().date()),
    }
    return pd.DataFrame({"row_id": rows["row_id"], "fold": 0, "probability": said}), report


def log_loss(outcome: np.ndarray, said: np.ndarray) -> float:
    said = np.clip(said, 1e-6, 1 - 1e-6)
    return float(-np.where(outcome == 1, np.log(said), np.log(1 - said)).mean())


if __name__ == "__main__":
    main()
