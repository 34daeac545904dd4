"""The addresses of the API of evidence and of who hires, below /api/. Each topic has a file of views."""

from django.urls import path

from people.employers import assessment_api, credentials_api, desk_api, profile_api, roles_api

ASSESSMENT = "employers/<slug:slug>/assessments/<int:pk>"

urlpatterns = [
    path("employers", desk_api.EmployersView.as_view(), name="api-employers"),
    path("employers/<slug:slug>", desk_api.EmployerView.as_view(), name="api-employer"),
    path("employers/<slug:slug>/people", desk_api.ColleaguesView.as_view(), name="api-colleagues"),
    path("employers/<slug:slug>/people/<str:username>", desk_api.ColleagueView.as_view(), name="api-colleague"),
    path("employers/<slug:slug>/offers", desk_api.OffersView.as_view(), name="api-offers"),
    path("employers/<slug:slug>/offers/<int:pk>", desk_api.OfferView.as_view(), name="api-offer"),
    path("employers/<slug:slug>/diary", desk_api.EmployerDiaryView.as_view(), name="api-employer-diary"),
    path("employers/<slug:slug>/domains", assessment_api.DomainFilesView.as_view(), name="api-domain-files"),
    path("employers/<slug:slug>/domains/<int:pk>", assessment_api.DomainFileView.as_view(), name="api-domain-file"),
    path("employers/<slug:slug>/assessments", assessment_api.AssessmentsView.as_view(), name="api-assessments"),
    path("employers/<slug:slug>/assessments/<int:pk>", assessment_api.AssessmentView.as_view(), name="api-assessment"),
    path(f"{ASSESSMENT}/invites", assessment_api.InvitesView.as_view(), name="api-invites"),
    path(f"{ASSESSMENT}/invites/<int:invite>", assessment_api.InviteView.as_view(), name="api-invite"),
    path(f"{ASSESSMENT}/invites/<int:invite>/time", assessment_api.MoreTimeView.as_view(), name="api-more-time"),
    path(
        f"{ASSESSMENT}/invites/<int:invite>/report",
        assessment_api.AssessmentReportView.as_view(),
        name="api-assessment-report",
    ),
    path("assessments", assessment_api.OwnAssessmentsView.as_view(), name="api-own-assessments"),
    path("assessments/invited/<str:token>", assessment_api.InvitedView.as_view(), name="api-invited"),
    path("assessments/invited/<str:token>/begin", assessment_api.BeginView.as_view(), name="api-begin"),
    path("assessments/<int:pk>/finish", assessment_api.FinishView.as_view(), name="api-finish"),
    path("assessments/<int:pk>/report", assessment_api.OwnReportView.as_view(), name="api-own-report"),
    path("employers/<slug:slug>/roles", roles_api.RolesView.as_view(), name="api-roles"),
    path("employers/<slug:slug>/roles/import", roles_api.ImportRoleView.as_view(), name="api-import-role"),
    path("employers/<slug:slug>/roles/<slug:role>", roles_api.RoleView.as_view(), name="api-role"),
    path("employers/<slug:slug>/roles/<slug:role>.yaml", roles_api.RoleFileView.as_view(), name="api-role-file"),
    path("employers/<slug:slug>/roles/<slug:role>/matches", roles_api.CompareView.as_view(), name="api-compare"),
    path("employers/<slug:slug>/candidates", roles_api.CandidatesView.as_view(), name="api-candidates"),
    path("employers/<slug:slug>/candidates/<int:pk>", roles_api.CandidateView.as_view(), name="api-candidate"),
    path(
        "employers/<slug:slug>/candidates/<int:pk>/matches/<slug:role>",
        roles_api.MatchView.as_view(),
        name="api-match",
    ),
    path("me/roles", roles_api.OwnRolesView.as_view(), name="api-own-roles"),
    path("me/roles/<slug:role>", roles_api.OwnRoleView.as_view(), name="api-own-role"),
    path("offers/<str:token>", desk_api.TakeUpView.as_view(), name="api-take-up"),
    path("me/skills", profile_api.SkillsView.as_view(), name="api-skills"),
    path("me/projects/<slug:slug>/story", profile_api.StoryView.as_view(), name="api-story"),
    path("me/disclosures", profile_api.DisclosuresView.as_view(), name="api-disclosures"),
    path("me/disclosures/<int:pk>", profile_api.DisclosureView.as_view(), name="api-disclosure"),
    path("shared/<str:token>", profile_api.SharedView.as_view(), name="api-shared"),
    path("me/rationales", profile_api.OwnRationalesView.as_view(), name="api-own-rationales"),
    path("me/rationales/<int:pk>", profile_api.OwnRationaleView.as_view(), name="api-own-rationale"),
    path("rationales", profile_api.RationalesView.as_view(), name="api-rationales"),
    path("rationales/<int:pk>/answer", profile_api.RationaleAnswerView.as_view(), name="api-rationale-answer"),
    path("me/credentials", credentials_api.OwnCredentialsView.as_view(), name="api-credentials"),
    path("me/credentials.zip", credentials_api.CredentialsFileView.as_view(), name="api-credentials-zip"),
    path("me/credentials/<uuid:uuid>", credentials_api.OwnCredentialView.as_view(), name="api-credential"),
    path(
        "me/credentials/<uuid:uuid>/badge.<slug:form>",
        credentials_api.CredentialFileView.as_view(),
        name="api-credential-file",
    ),
    path("verify", credentials_api.VerifyView.as_view(), name="api-verify"),
]
