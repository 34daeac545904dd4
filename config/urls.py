"""Every address of the server."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/", include("people.learners.api_urls")),
    path("", include("frontend.urls")),
]
