"""The addresses of repositories, below /git/."""

from django.urls import path

from people.learners import git_api

urlpatterns = [
    path("<str:owner>/<slug:slug>.git/info/refs", git_api.advertise, name="git-refs"),
    path("<str:owner>/<slug:slug>.git/git-upload-pack", git_api.upload_pack, name="git-upload-pack"),
    path("<str:owner>/<slug:slug>.git/git-receive-pack", git_api.receive_pack, name="git-receive-pack"),
]
