"""The addresses of what employers see, below /employers/. Each topic has a file of views."""

from django.urls import path

from frontend.hiring import assessments, candidates, desk, domains, hooks, people, roles

INVITE = "<slug:slug>/assessments/<int:pk>/invites/<int:invite>"

urlpatterns = [
    path("", desk.employers, name="employers"),
    path("new/", desk.create, name="create_employer"),
    path("offers/<str:token>/", people.offer, name="offer"),
    path("<slug:slug>/", candidates.candidates, name="employer"),
    path("<slug:slug>/candidates/", candidates.keep, name="keep_candidate"),
    path("<slug:slug>/candidates/<int:pk>/", candidates.candidate, name="candidate"),
    path("<slug:slug>/roles/", roles.role_list, name="roles"),
    path("<slug:slug>/roles/new/", roles.create, name="create_role"),
    path("<slug:slug>/roles/upload/", roles.upload, name="upload_role"),
    path("<slug:slug>/roles/<slug:role>/", roles.role, name="role"),
    path("<slug:slug>/roles/<slug:role>/edit/", roles.edit, name="edit_role"),
    path("<slug:slug>/roles/<slug:role>/copy/", roles.copy, name="copy_role"),
    path("<slug:slug>/roles/<slug:role>/compare/", candidates.compare, name="compare"),
    path("<slug:slug>/roles/<slug:role>.yaml", roles.export, name="export_role"),
    path("<slug:slug>/settings/", desk.settings, name="employer_settings"),
    path("<slug:slug>/diary/", desk.diary, name="employer_diary"),
    path("<slug:slug>/domains/", domains.domain_files, name="domain_files"),
    path(
        "<slug:slug>/domains/ready-made/<slug:project>/<slug:name>.yaml", domains.ready_made, name="ready_made_domain"
    ),
    path("<slug:slug>/domains/<int:pk>/", domains.domain_file, name="domain_file"),
    path("<slug:slug>/assessments/", assessments.assessments, name="assessments"),
    path("<slug:slug>/assessments/new/", assessments.new_assessment, name="new_assessment"),
    path("<slug:slug>/assessments/<int:pk>/", assessments.assessment, name="assessment"),
    path(f"{INVITE}/revoke/", assessments.revoke_invite, name="revoke_invite"),
    path(f"{INVITE}/time/", assessments.more_time, name="more_time"),
    path(f"{INVITE}/report/", assessments.assessment_report, name="assessment_report"),
    path("<slug:slug>/webhooks/", hooks.webhooks, name="webhooks"),
    path("<slug:slug>/webhooks/<int:pk>/", hooks.webhook, name="webhook"),
    path("<slug:slug>/webhooks/<int:pk>/act/", hooks.act, name="act_on_webhook"),
    path("<slug:slug>/webhooks/<int:pk>/again/<int:delivery>/", hooks.again, name="send_again"),
    path("<slug:slug>/people/", people.people, name="colleagues"),
    path("<slug:slug>/people/offer/", people.make_offer, name="make_offer"),
    path("<slug:slug>/people/offers/<int:pk>/", people.withdraw_offer, name="withdraw_offer"),
    path("<slug:slug>/people/<str:username>/", people.colleague, name="colleague"),
]
