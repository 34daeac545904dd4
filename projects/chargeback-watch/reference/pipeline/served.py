"""The model that this process serves, read once at its start: MODEL_DIR says where it is."""

import os
from pathlib import Path

from pipeline.model import load_model

MODEL, MODEL_VERSION = load_model(Path(os.environ["MODEL_DIR"]))
