"""Every address of the server."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config.health import say_alive, say_ready, tell_metrics

# Staff come in by the one door there is: its limits and its second factor are the admin's too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", say_alive, name="alive"),
    path("readyz", say_ready, name="ready"),
    path("metrics", tell_metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/oidc/", include("people.accounts.oidc.urls")),
    path("accounts/social/", include("allauth.socialaccount.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/", include("people.learners.api_urls")),
    path("api/", include("people.cohorts.api_urls")),
    path("api/", include("people.lti.api_urls")),
    path("api/", include("people.employers.api_urls")),
    path("api/", include("people.operators.api_urls")),
    path("git/", include("people.learners.git_urls")),
    path("", include("frontend.urls")),
]
handler429 = "people.accounts.door.answer_too_often"
handler400 = "people.problems.answer_bad_request"
handler403 = "people.problems.answer_forbidden"
handler404 = "people.problems.answer_missing_address"
handler500 = "people.problems.answer_fault"
