"""Milestone 5, deploy: the model behind HTTP, with the same answer as the batch.

    MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

from starlette.applications import Starlette

# Yours: GET /health and POST /forecast. Any ASGI or WSGI application will do, as long as it is called app.
app = Starlette()
