"""The addresses of the API for who leads, below /api/cohorts. Each topic has a file of views."""

from django.urls import path

from people.cohorts import api, dates_api, desk_api, gradebook_api, heat_api, regrade_api, review_api, team_api

urlpatterns = [
    path("cohorts", api.CohortsView.as_view(), name="api-cohorts"),
    path("cohorts/<slug:slug>", api.CohortView.as_view(), name="api-cohort"),
    path("cohorts/<slug:slug>/archive", api.ArchiveView.as_view(), name="api-archive"),
    path("cohorts/<slug:slug>/teams", team_api.TeamsView.as_view(), name="api-teams"),
    path("cohorts/<slug:slug>/teams/<int:pk>/learners", team_api.TeamMembersView.as_view(), name="api-team-members"),
    path(
        "cohorts/<slug:slug>/teams/<int:pk>/learners/<str:username>",
        team_api.TeamMemberView.as_view(),
        name="api-team-member",
    ),
    path("cohorts/<slug:slug>/leaders", desk_api.LeadersView.as_view(), name="api-leaders"),
    path("cohorts/<slug:slug>/leaders/<str:username>", desk_api.LeaderView.as_view(), name="api-leader"),
    path("cohorts/<slug:slug>/learners", desk_api.MembersView.as_view(), name="api-members"),
    path("cohorts/<slug:slug>/learners/<str:username>", desk_api.MemberView.as_view(), name="api-member"),
    path("cohorts/<slug:slug>/sections", desk_api.SectionsView.as_view(), name="api-sections"),
    path("cohorts/<slug:slug>/sections/<int:pk>", desk_api.SectionView.as_view(), name="api-section"),
    path("cohorts/<slug:slug>/invitations", desk_api.InvitationsView.as_view(), name="api-invitations"),
    path("cohorts/<slug:slug>/invitations/<int:pk>", desk_api.InvitationView.as_view(), name="api-invitation"),
    path("cohorts/<slug:slug>/places", desk_api.ReservationsView.as_view(), name="api-reservations"),
    path("cohorts/<slug:slug>/places/<int:pk>", desk_api.ReservationView.as_view(), name="api-reservation"),
    path("cohorts/<slug:slug>/roster", desk_api.RosterView.as_view(), name="api-roster"),
    path("cohorts/<slug:slug>/roster/apply", desk_api.ApplyRosterView.as_view(), name="api-apply-roster"),
    path("join/<str:token>", desk_api.JoinView.as_view(), name="api-join"),
    path("me/cohorts", desk_api.TakenView.as_view(), name="api-taken"),
    path("me/cohorts/<slug:slug>", desk_api.TakenOneView.as_view(), name="api-leave"),
    path("me/places", desk_api.PlacesView.as_view(), name="api-places"),
    path("me/places/<int:pk>", desk_api.PlaceView.as_view(), name="api-place"),
    path("cohorts/<slug:slug>/dates", dates_api.DatesView.as_view(), name="api-dates"),
    path("cohorts/<slug:slug>/late-rules", dates_api.LateRulesView.as_view(), name="api-late-rules"),
    path("cohorts/<slug:slug>/shift", dates_api.ShiftView.as_view(), name="api-shift"),
    path("cohorts/<slug:slug>/extensions", dates_api.ExtensionsView.as_view(), name="api-extensions"),
    path("cohorts/<slug:slug>/extensions/<int:pk>", dates_api.ExtensionView.as_view(), name="api-extension"),
    path("cohorts/<slug:slug>/calendar", dates_api.CohortFeedView.as_view(), name="api-cohort-calendar"),
    path("calendar", dates_api.FeedView.as_view(), name="api-calendar"),
    path("dates", dates_api.OwnDatesView.as_view(), name="api-own-dates"),
    path("cohorts/<slug:slug>/cells", heat_api.CellsView.as_view(), name="api-cohort-cells"),
    path("cohorts/<slug:slug>/checks/<slug:kind>", heat_api.CheckedView.as_view(), name="api-cohort-checks"),
    path("cohorts/<slug:slug>/stoppers", heat_api.StoppersView.as_view(), name="api-cohort-stoppers"),
    path("cohorts/<slug:slug>/at-risk", heat_api.AtRiskView.as_view(), name="api-cohort-at-risk"),
    path("cohorts/<slug:slug>/signals", heat_api.SignalsView.as_view(), name="api-cohort-signals"),
    path("cohorts/<slug:slug>/regrades/<slug:project>", regrade_api.RegradeView.as_view(), name="api-regrade"),
    path(
        "cohorts/<slug:slug>/regrades/<slug:project>/apply",
        regrade_api.ApplyRegradeView.as_view(),
        name="api-apply-regrade",
    ),
    path(
        "cohorts/<slug:slug>/submissions/<int:pk>/comments",
        review_api.MemberCommentsView.as_view(),
        name="api-member-comments",
    ),
    path("cohorts/<slug:slug>/comments/<int:pk>/answers", review_api.AnswersView.as_view(), name="api-answers"),
    path(
        "cohorts/<slug:slug>/comments/<int:pk>/resolution", review_api.ResolutionView.as_view(), name="api-resolution"
    ),
    path(
        "cohorts/<slug:slug>/submissions/<int:pk>/overrides",
        review_api.OverridesView.as_view(),
        name="api-overrides",
    ),
    path("cohorts/<slug:slug>/overrides/<int:pk>", review_api.OverrideView.as_view(), name="api-override"),
    path("submissions/<int:pk>/comments", review_api.OwnCommentsView.as_view(), name="api-own-comments"),
    path(
        "submissions/<int:pk>/comments/<int:comment>/answers",
        review_api.OwnAnswersView.as_view(),
        name="api-own-answers",
    ),
    path("cohorts/<slug:slug>/gradebook", gradebook_api.GradebookView.as_view(), name="api-gradebook"),
    path(
        "cohorts/<slug:slug>/gradebook.<slug:extension>",
        gradebook_api.GradebookFileView.as_view(),
        name="api-gradebook-file",
    ),
    path("cohorts/<slug:slug>/weights", gradebook_api.WeightsView.as_view(), name="api-weights"),
]
