"""Milestone 5, deploy: the model behind HTTP, with the same answer as the batch.

    MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

from typing import Any

from fastapi import FastAPI

app = FastAPI(title="Pump Room")


@app.get("/health")
def health() -> dict[str, str]:
    # Which model is it that answers?
    return {"status": "starting"}


@app.post("/predict")
def predict(question: dict[str, Any]) -> dict[str, Any]:
    # pump, at, running_since, failures_30d, readings come in; probability, visit, model_version, warnings go out.
    return {}
