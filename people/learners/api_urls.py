"""The addresses of the API, below /api/."""

from django.urls import path

from people.accounts import api as accounts
from people.learners import api

urlpatterns = [
    path("me", accounts.MeView.as_view(), name="api-me"),
    path("tokens", accounts.TokensView.as_view(), name="api-tokens"),
    path("projects", api.ProjectsView.as_view(), name="api-projects"),
    path("projects/<slug:slug>", api.ProjectView.as_view(), name="api-project"),
    path("projects/<slug:slug>/enrolment", api.EnrolmentView.as_view(), name="api-enrolment"),
    path("projects/<slug:slug>/starter", api.StarterView.as_view(), name="api-starter"),
    path("projects/<slug:slug>/world", api.WorldView.as_view(), name="api-world"),
    path("projects/<slug:slug>/milestones/<slug:kind>/submissions", api.HandInView.as_view(), name="api-hand-in"),
    path("enrolments", api.EnrolmentsView.as_view(), name="api-enrolments"),
    path("submissions", api.SubmissionsView.as_view(), name="api-submissions"),
    path("submissions/<int:pk>", api.SubmissionView.as_view(), name="api-submission"),
    path("submissions/<int:pk>/events", api.EventsView.as_view(), name="api-events"),
]
