"""The addresses of what leaders see, below /cohorts/. Each topic has a file of views."""

from django.urls import path

from frontend.leading import desk, invitations, people, rosters, sheets, teams

urlpatterns = [
    path("", sheets.cohorts, name="cohorts"),
    path("new/", desk.create, name="create_cohort"),
    path("<slug:slug>/", sheets.cohort, name="cohort"),
    path("<slug:slug>/settings/", desk.settings, name="cohort_settings"),
    path("<slug:slug>/people/", people.people, name="people"),
    path("<slug:slug>/people/appoint/", people.appoint, name="appoint"),
    path("<slug:slug>/people/leaders/<str:username>/", people.leader, name="leader"),
    path("<slug:slug>/people/learners/<str:username>/", people.member, name="member"),
    path("<slug:slug>/people/places/<int:pk>/", people.reservation, name="reservation"),
    path("<slug:slug>/sections/", people.open_section, name="open_section"),
    path("<slug:slug>/sections/<int:pk>/", people.section, name="section"),
    path("<slug:slug>/invitations/", invitations.invitations, name="invitations"),
    path("<slug:slug>/invitations/<int:pk>/revoke/", invitations.revoke_invitation, name="revoke_invitation"),
    path("<slug:slug>/roster/", rosters.roster, name="roster"),
    path("<slug:slug>/roster/apply/", rosters.apply_roster, name="apply_roster"),
    path("<slug:slug>/roster/drop/", rosters.drop_roster, name="drop_roster"),
    path("<slug:slug>/permits/", sheets.permits, name="permits"),
    path("<slug:slug>/teams/", teams.teams, name="teams"),
    path("<slug:slug>/teams/<int:pk>/", teams.change_team, name="change_team"),
    path("<slug:slug>/submissions/<int:pk>/", sheets.submission, name="member_submission"),
]
