"""The addresses of what leaders see, below /cohorts/. Each topic has a file of views."""

from django.urls import path

from frontend.leading import sheets, teams

urlpatterns = [
    path("", sheets.cohorts, name="cohorts"),
    path("<slug:slug>/", sheets.cohort, name="cohort"),
    path("<slug:slug>/permits/", sheets.permits, name="permits"),
    path("<slug:slug>/teams/", teams.teams, name="teams"),
    path("<slug:slug>/teams/<int:pk>/", teams.change_team, name="change_team"),
    path("<slug:slug>/submissions/<int:pk>/", sheets.submission, name="member_submission"),
]
