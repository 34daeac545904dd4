"""The addresses of the API of evidence, below /api/. Each topic has a file of views."""

from django.urls import path

from people.employers import credentials_api, profile_api

urlpatterns = [
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
