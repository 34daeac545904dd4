"""The addresses of the API for who leads, below /api/cohorts. Each topic has a file of views."""

from django.urls import path

from people.cohorts import api

urlpatterns = [
    path("cohorts", api.CohortsView.as_view(), name="api-cohorts"),
    path("cohorts/<slug:slug>", api.CohortView.as_view(), name="api-cohort"),
]
