"""The addresses of the API, below /api/."""

from django.urls import path

from people.accounts import api as accounts
from people.learners import api, help_api

urlpatterns = [
    path("me", accounts.MeView.as_view(), name="api-me"),
    path("tokens", accounts.TokensView.as_view(), name="api-tokens"),
    path("projects", api.ProjectsView.as_view(), name="api-projects"),
    path("projects/<slug:slug>", api.ProjectView.as_view(), name="api-project"),
    path("projects/<slug:slug>/enrolment", api.EnrolmentView.as_view(), name="api-enrolment"),
    path("projects/<slug:slug>/bench", api.BenchView.as_view(), name="api-bench"),
    path("projects/<slug:slug>/starter", api.StarterView.as_view(), name="api-starter"),
    path("projects/<slug:slug>/world", api.WorldView.as_view(), name="api-world"),
    path("projects/<slug:slug>/export", api.ExportView.as_view(), name="api-export"),
    path("projects/<slug:slug>/trial", api.TrialView.as_view(), name="api-trial"),
    path("projects/<slug:slug>/move", api.MoveView.as_view(), name="api-move"),
    path("projects/<slug:slug>/milestones/<slug:kind>/submissions", api.HandInView.as_view(), name="api-hand-in"),
    path("projects/<slug:slug>/milestones/<slug:kind>/hints", help_api.HintsView.as_view(), name="api-hints"),
    path(
        "projects/<slug:slug>/milestones/<slug:kind>/hints/<slug:check>", help_api.HintView.as_view(), name="api-hint"
    ),
    path("projects/<slug:slug>/milestones/<slug:kind>/loan", help_api.LoanView.as_view(), name="api-loan"),
    path("enrolments", api.EnrolmentsView.as_view(), name="api-enrolments"),
    path("submissions", api.SubmissionsView.as_view(), name="api-submissions"),
    path("submissions/<int:pk>", api.SubmissionView.as_view(), name="api-submission"),
    path("submissions/<int:pk>/events", api.EventsView.as_view(), name="api-events"),
]
