"""The addresses of the pages."""

from django.urls import include, path

from frontend import account, editions, editor, learner, visitor, wheel

app_name = "frontend"
urlpatterns = [
    path("", visitor.home, name="home"),
    path("live/", learner.start_live, name="start_live"),
    path("client/<str:name>", wheel.wheel, name="wheel"),
    path("track/", learner.track, name="track"),
    path("projects/<slug:slug>/", learner.project, name="project"),
    path("projects/<slug:slug>/map/", learner.project_live, name="project_live"),
    path("projects/<slug:slug>/enrol/", learner.enrol, name="enrol"),
    path("projects/<slug:slug>/starter.zip", learner.starter, name="starter"),
    path("projects/<slug:slug>/world.zip", learner.world, name="world"),
    path("projects/<slug:slug>/export.zip", learner.export, name="export"),
    path("projects/<slug:slug>/edition/", editions.edition, name="edition"),
    path("projects/<slug:slug>/edition/outlook/", editions.outlook, name="outlook"),
    path("projects/<slug:slug>/edition/try/", editions.try_edition, name="try_edition"),
    path("projects/<slug:slug>/edition/drop/", editions.drop_trial, name="drop_trial"),
    path("projects/<slug:slug>/edition/move/", editions.move_over, name="move_over"),
    path("projects/<slug:slug>/edit/", editor.begin, name="begin"),
    path("projects/<slug:slug>/edit/<path:path>", editor.edit, name="edit"),
    path("projects/<slug:slug>/files/create/", editor.create, name="create_file"),
    path("projects/<slug:slug>/files/move/", editor.move, name="move_file"),
    path("projects/<slug:slug>/files/remove/", editor.remove, name="remove_file"),
    path("projects/<slug:slug>/changes/", editor.changes, name="changes"),
    path("projects/<slug:slug>/data/", editor.data, name="data"),
    path("projects/<slug:slug>/data/made/", editor.made, name="made"),
    path("projects/<slug:slug>/milestones/<slug:kind>/", learner.milestone, name="milestone"),
    path("projects/<slug:slug>/milestones/<slug:kind>/submit/", learner.submit, name="submit"),
    path("projects/<slug:slug>/milestones/<slug:kind>/hints/<slug:check>/", learner.hint, name="hint"),
    path("projects/<slug:slug>/milestones/<slug:kind>/reference/", learner.reference, name="reference"),
    path("projects/<slug:slug>/milestones/<slug:kind>/loan/", learner.loan, name="loan"),
    path("projects/<slug:slug>/milestones/<slug:kind>/loan/return/", learner.give_back, name="give_back"),
    path("submissions/<int:pk>/", learner.submission, name="submission"),
    path("submissions/<int:pk>/live/", learner.live, name="live"),
    path("language/", account.set_language, name="set_language"),
    path("me/", account.account, name="account"),
    path("me/tokens/", account.create_token, name="create_token"),
    path("me/tokens/<int:pk>/withdraw/", account.withdraw_token, name="revoke_token"),
    path("me/zone/", account.set_zone, name="set_zone"),
    path("me/goal/", account.set_goal, name="set_goal"),
    path("reminders/<str:token>/", account.stop_reminders, name="stop_reminders"),
    path("me/skills/", learner.skills, name="skills"),
    path("cohorts/", include("frontend.leading.urls")),
]
