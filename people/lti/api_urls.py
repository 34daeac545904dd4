"""The addresses of the API of learning platforms, below /api/."""

from django.urls import path

from people.lti import api

urlpatterns = [
    path("cohorts/<slug:slug>/platforms", api.PlatformsView.as_view(), name="api-platforms"),
    path("cohorts/<slug:slug>/platforms/next", api.NextPlatformView.as_view(), name="api-next-platform"),
    path("cohorts/<slug:slug>/platforms/<int:pk>", api.PlatformView.as_view(), name="api-platform"),
    path("cohorts/<slug:slug>/platforms/<int:pk>/roster", api.PlatformRosterView.as_view(), name="api-platform-roster"),
    path("cohorts/<slug:slug>/platforms/<int:pk>/scores", api.PlatformScoresView.as_view(), name="api-platform-scores"),
    path("cohorts/<slug:slug>/sync-log", api.SyncLogView.as_view(), name="api-sync-log"),
]
