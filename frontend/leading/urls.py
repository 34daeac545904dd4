"""The addresses of what leaders see, below /cohorts/. Each topic has a file of views."""

from django.urls import path

from frontend import calendars
from frontend.leading import dates, desk, heat, invitations, people, regrades, rosters, sheets, teams

urlpatterns = [
    path("", sheets.cohorts, name="cohorts"),
    path("new/", desk.create, name="create_cohort"),
    path("<slug:slug>/", heat.cohort, name="cohort"),
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
    path("<slug:slug>/standing/<str:username>/", heat.learner, name="cohort_learner"),
    path("<slug:slug>/checks/<slug:project>/<slug:kind>/", heat.checks, name="cohort_checks"),
    path("<slug:slug>/stoppers/", heat.stoppers, name="cohort_stoppers"),
    path("<slug:slug>/at-risk/", heat.at_risk, name="cohort_at_risk"),
    path("<slug:slug>/permits/", sheets.permits, name="permits"),
    path("<slug:slug>/teams/", teams.teams, name="teams"),
    path("<slug:slug>/teams/<int:pk>/", teams.change_team, name="change_team"),
    path("<slug:slug>/regrade/", regrades.projects, name="regrades"),
    path("<slug:slug>/regrade/<slug:project>/", regrades.regrade, name="regrade"),
    path("<slug:slug>/regrade/<slug:project>/progress/", regrades.progress, name="regrade_progress"),
    path("<slug:slug>/submissions/<int:pk>/", sheets.submission, name="member_submission"),
    path("<slug:slug>/dates/", dates.dates, name="dates"),
    path("<slug:slug>/dates/rules/", dates.set_rules, name="set_rules"),
    path("<slug:slug>/dates/shift/", dates.shift, name="shift_dates"),
    path("<slug:slug>/dates/calendar/", calendars.cohort_calendar, name="cohort_calendar"),
    path("<slug:slug>/extensions/", dates.extend, name="extend"),
    path("<slug:slug>/extensions/<int:pk>/withdraw/", dates.withdraw_extension, name="withdraw_extension"),
]
