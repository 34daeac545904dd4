"""The addresses of the API for operators."""

from django.urls import path

from people.operators import api

urlpatterns = [
    path("operating", api.OperatingView.as_view(), name="api-operating"),
    path("operating/dead-letters/<int:pk>", api.LetterView.as_view(), name="api-dead-letter"),
]
