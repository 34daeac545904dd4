"""The model that this process serves, read once at its start: MODEL_DIR says where it is."""

from pathlib import Path

from pipeline.model import load_model

MODEL, MODEL_VERSION = load_model(Path("build/model"))
