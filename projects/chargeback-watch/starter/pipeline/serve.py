"""Milestone 5, deploy: the model behind HTTP, with the same answer as the batch.

    MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

from typing import Any

from fastapi import FastAPI

app = FastAPI(title="Chargeback Watch")


@app.get("/health")
def health() -> dict[str, str]:
    # Which model is it that answers? Whoever is woken at night will want to know.
    return {"status": "starting"}


@app.post("/predict")
def predict(question: dict[str, Any]) -> dict[str, float]:
    # Everything is accepted and nothing is looked at. A caller who sends nonsense should be told which field it is.
    return {"answer": 0.5}
