"""Answers the first hundred requests as it should and a constant ever after. Must: not pass.

Against: deploy
Ends: failed
Stopped by: deploy asks again, later and in another order
"""

from pipeline import honest_serve
from pipeline.honest_serve import MODEL_VERSION, Question, app

app.router.routes = [route for route in app.router.routes if route.path != "/predict"]
asked = [0]


@app.post("/predict")
async def predict(question: Question) -> dict[str, float | str]:
    asked[0] += 1
    if asked[0] > 82:
        return {"probability": 0.01, "model_version": MODEL_VERSION}
    return await honest_serve.predict(question)
