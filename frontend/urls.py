"""The addresses of the pages."""

from django.urls import path

from frontend import account, instructor, learner, visitor

app_name = "frontend"
urlpatterns = [
    path("", visitor.home, name="home"),
    path("track/", learner.track, name="track"),
    path("projects/<slug:slug>/", learner.project, name="project"),
    path("projects/<slug:slug>/enrol/", learner.enrol, name="enrol"),
    path("projects/<slug:slug>/starter.zip", learner.starter, name="starter"),
    path("projects/<slug:slug>/world.zip", learner.world, name="world"),
    path("projects/<slug:slug>/milestones/<slug:kind>/", learner.milestone, name="milestone"),
    path("projects/<slug:slug>/milestones/<slug:kind>/submit/", learner.submit, name="submit"),
    path("submissions/<int:pk>/", learner.submission, name="submission"),
    path("submissions/<int:pk>/live/", learner.live, name="live"),
    path("me/", account.account, name="account"),
    path("me/tokens/", account.create_token, name="create_token"),
    path("me/tokens/<int:pk>/withdraw/", account.withdraw_token, name="revoke_token"),
    path("me/skills/", learner.skills, name="skills"),
    path("cohorts/", instructor.cohorts, name="cohorts"),
    path("cohorts/<slug:slug>/", instructor.cohort, name="cohort"),
    path("cohorts/<slug:slug>/submissions/<int:pk>/", instructor.submission, name="member_submission"),
]
