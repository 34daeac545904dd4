"""The addresses of the API for who leads, below /api/cohorts. Each topic has a file of views."""

from django.urls import path

from people.cohorts import api, team_api

urlpatterns = [
    path("cohorts", api.CohortsView.as_view(), name="api-cohorts"),
    path("cohorts/<slug:slug>", api.CohortView.as_view(), name="api-cohort"),
    path("cohorts/<slug:slug>/teams", team_api.TeamsView.as_view(), name="api-teams"),
    path("cohorts/<slug:slug>/teams/<int:pk>/learners", team_api.TeamMembersView.as_view(), name="api-team-members"),
    path(
        "cohorts/<slug:slug>/teams/<int:pk>/learners/<str:username>",
        team_api.TeamMemberView.as_view(),
        name="api-team-member",
    ),
]
