"""The addresses of the way to the identity provider and back."""

from django.urls import path

from people.accounts.oidc import views

urlpatterns = [
    path("login/", views.login, name="oidc_login"),
    path("callback/", views.callback, name="oidc_callback"),
]
