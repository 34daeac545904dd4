"""Who may come in where: every address of the server, by every role, in one table.

A new address fails here by its name, until a line of the table says who may. Everything is Alice's: her submission, her
token, her repository; an address that names only a project leads each learner to their own enrolment in it.
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern
from django.utils import timezone

from curriculum.models import Milestone, Project
from frontend.wheel import wheel_name
from grading.verdict import Verdict
from people.accounts import mailing
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts import feeds
from people.cohorts.invitations import sign
from people.cohorts.models import (
    Cohort,
    Comment,
    Extension,
    Invitation,
    Likeness,
    Membership,
    Reservation,
    Role,
    Section,
    Timing,
)
from people.employers import claiming, inviting
from people.employers.models import (
    Assessment,
    Candidate,
    Countersign,
    Delivery,
    Disclosure,
    DomainFile,
    Employer,
    Event,
    Invite,
    Offer,
    Post,
    Rationale,
    RoleProfile,
    Webhook,
)
from people.goals.models import Goal
from people.goals.reminders import SIGNER
from people.learners import intake
from people.learners.models import Enrolment, Help, Loan, Override, Permit, Rehearsal, Run, Share, Submission, Tried
from people.lti.models import Identity, Platform
from people.operators.models import DeadLetter

# Alice, the owner; Bob learns beside her; Charlie has an account and no more; Dana leads Alice's cohort, Frank another.
# Erin hires; Olga operates.
EVERYBODY = frozenset({"nobody", "alice", "bob", "charlie", "dana", "frank", "erin", "olga"})
SIGNED_IN = EVERYBODY - {"nobody"}
LEARNERS = frozenset({"alice", "bob"})
OWNER = frozenset({"alice"})
LEADER = frozenset({"dana"})
HIRING = frozenset({"erin"})
STAFF = frozenset({"olga"})
HOOK = {"address": "https://8.8.8.8/hook", "events": ["candidate.kept"]}
FOUNDERS = frozenset({"dana", "frank", "olga"})

Methods = Mapping[str, frozenset[str]]
Way = tuple[str, str]


@dataclass(frozen=True)
class Door:
    """One address: who may by which method, everybody else may not; what fills its places, and what is sent there."""

    may: Methods
    places: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)


def reads(who: frozenset[str], *places: str) -> Door:
    return Door({"GET": who}, places)


def takes(who: frozenset[str], *places: str, **body: Any) -> Door:
    return Door({"POST": who}, places, body)


def does_both(who: frozenset[str], *places: str, **body: Any) -> Door:
    return Door({"GET": who, "POST": who}, places, body)


TINY, INGEST, HINT = ("tiny",), ("tiny", "ingest"), ("tiny", "ingest", "every_line_is_there")
FILE, REPOSITORY = ("tiny", "main.py"), ("alice", "tiny")
PLATFORM = {
    **dict.fromkeys(("site_url", "auth_url", "token_url", "jwks_url"), "https://learn.example.org"),
    **dict.fromkeys(("issuer", "client_id", "deployment_id"), "7"),
}
ANSWER = {"outcome": "countersigned", "reason": "It says why."}

DOORS = {
    "alive": does_both(EVERYBODY),
    "ready": does_both(EVERYBODY),
    # For this machine alone: see test_metrics.
    "metrics": does_both(EVERYBODY),
    # Accounts
    "account_login": does_both(EVERYBODY),
    "account_signup": does_both(EVERYBODY),
    "account_logout": does_both(EVERYBODY),
    "account_inactive": reads(EVERYBODY),
    "account_reauthenticate": does_both(SIGNED_IN),
    "account_email": does_both(SIGNED_IN),
    "account_email_verification_sent": reads(EVERYBODY),
    "account_confirm_email": reads(EVERYBODY, "not-a-key"),
    "account_change_password": does_both(SIGNED_IN),
    "account_set_password": does_both(SIGNED_IN),
    "account_reset_password": does_both(EVERYBODY),
    "account_reset_password_done": reads(EVERYBODY),
    "account_reset_password_from_key": does_both(EVERYBODY, "1", "not-a-key"),
    "account_reset_password_from_key_done": reads(EVERYBODY),
    "account_confirm_login_code": does_both(SIGNED_IN),
    # One who signs in half-way has a page of their own; everybody else is sent to the start.
    "mfa_index": reads(SIGNED_IN),
    "mfa_authenticate": does_both(SIGNED_IN),
    "mfa_reauthenticate": does_both(SIGNED_IN),
    "mfa_activate_totp": does_both(SIGNED_IN),
    "mfa_deactivate_totp": Door({}),
    "mfa_view_recovery_codes": Door({}),
    "mfa_generate_recovery_codes": does_both(SIGNED_IN),
    "mfa_download_recovery_codes": Door({}),
    # No provider is connected here.
    "oidc_login": Door({}),
    "oidc_callback": Door({}),
    "socialaccount_login_cancelled": reads(EVERYBODY),
    # A page that says no: to everybody.
    "socialaccount_login_error": Door({}),
    "socialaccount_signup": Door({}),
    "socialaccount_connections": does_both(SIGNED_IN),
    # The API
    "api-schema": reads(EVERYBODY),
    "api-me": reads(SIGNED_IN),
    "api-tokens": takes(EVERYBODY, username="alice", password="a long password"),
    "api-projects": reads(SIGNED_IN),
    "api-project": reads(SIGNED_IN, *TINY),
    "api-enrolment": takes(SIGNED_IN, *TINY),
    "api-bench": reads(LEARNERS, *TINY),
    "api-starter": reads(SIGNED_IN, *TINY),
    "api-world": reads(LEARNERS, *TINY),
    "api-export": reads(LEARNERS, *TINY),
    "api-trial": Door({"GET": LEARNERS, "POST": LEARNERS, "DELETE": LEARNERS}, TINY),
    "api-move": takes(LEARNERS, *TINY),
    "api-hand-in": takes(LEARNERS, *INGEST),
    "api-hints": reads(LEARNERS, *INGEST),
    "api-hint": takes(LEARNERS, *HINT, tier=1),
    "api-loan": Door({"POST": LEARNERS, "DELETE": LEARNERS}, INGEST),
    "api-operating": reads(STAFF),
    "api-dead-letter": takes(STAFF, "letter", deed="dismiss"),
    "api-enrolments": reads(SIGNED_IN),
    "api-submissions": reads(SIGNED_IN),
    "api-submission": reads(OWNER, "submission"),
    "api-events": reads(OWNER, "submission"),
    "api-cohorts": Door({"GET": SIGNED_IN, "POST": FOUNDERS}, body={"title": "Winter"}),
    "api-cohort": Door({"GET": LEADER, "PUT": LEADER}, ("autumn",)),
    "api-archive": Door({"POST": LEADER, "DELETE": LEADER}, ("autumn",)),
    "api-leaders": does_both(LEADER, "autumn", account="charlie", role="observer"),
    "api-leader": Door({"PUT": LEADER, "DELETE": LEADER}, ("autumn", "dana")),
    "api-members": reads(LEADER, "autumn"),
    "api-member": Door({"GET": LEADER, "PATCH": LEADER, "DELETE": LEADER}, ("autumn", "alice")),
    "api-sections": does_both(LEADER, "autumn", title="South"),
    "api-section": Door({"PUT": LEADER, "DELETE": LEADER}, ("autumn", "section")),
    "api-invitations": does_both(LEADER, "autumn", cap=2, expires_at="2099-01-01T00:00:00Z"),
    "api-invitation": Door({"DELETE": LEADER}, ("autumn", "invitation")),
    "api-reservations": reads(LEADER, "autumn"),
    "api-reservation": Door({"DELETE": LEADER}, ("autumn", "reservation")),
    "api-roster": Door({"GET": frozenset(), "POST": LEADER, "DELETE": LEADER}, ("autumn",)),
    "api-apply-roster": takes(LEADER, "autumn"),
    "api-join": does_both(SIGNED_IN, "link"),
    "api-taken": reads(SIGNED_IN),
    "api-leave": Door({"DELETE": LEARNERS}, ("autumn",)),
    "api-places": reads(SIGNED_IN),
    "api-place": Door({"POST": OWNER, "DELETE": OWNER}, ("place",)),
    "api-teams": does_both(LEADER, "autumn", project="tiny", name="Blue", learners=["bob"]),
    "api-team-members": takes(LEADER, "autumn", "team", learner="bob"),
    "api-team-member": Door({"DELETE": LEADER}, ("autumn", "team", "alice")),
    "api-dates": Door({"GET": LEADER, "PATCH": LEADER}, ("autumn",)),
    "api-late-rules": Door({"PUT": LEADER}, ("autumn",)),
    "api-shift": takes(LEADER, "autumn", days=7),
    "api-extensions": does_both(LEADER, "autumn"),
    "api-extension": Door({"DELETE": LEADER}, ("autumn", "extension")),
    "api-own-dates": reads(SIGNED_IN),
    "api-calendar": Door({"POST": SIGNED_IN, "DELETE": SIGNED_IN}),
    "api-cohort-calendar": Door({"POST": LEADER, "DELETE": LEADER}, ("autumn",)),
    "api-cohort-cells": reads(LEADER, "autumn"),
    "api-cohort-checks": reads(LEADER, "autumn", "ingest"),
    "api-cohort-stoppers": reads(LEADER, "autumn"),
    "api-cohort-at-risk": reads(LEADER, "autumn"),
    "api-cohort-signals": Door({"GET": LEADER, "PUT": LEADER}, ("autumn",)),
    "api-regrade": Door({"GET": LEADER, "POST": LEADER, "DELETE": LEADER}, ("autumn", "tiny")),
    "api-apply-regrade": takes(LEADER, "autumn", "tiny", policy="everybody"),
    "api-member-comments": does_both(LEADER, "autumn", "submission", path="main.py", line=1, text="Why?"),
    "api-answers": takes(LEADER, "autumn", "comment", text="Well."),
    "api-resolution": Door({"POST": LEADER, "DELETE": LEADER}, ("autumn", "comment")),
    "api-overrides": does_both(LEADER, "autumn", "submission", outcome="failed", reason="Copied."),
    "api-override": Door({"DELETE": LEADER}, ("autumn", "override")),
    "api-own-comments": reads(OWNER, "submission"),
    "api-own-answers": takes(OWNER, "submission", "comment", text="Yes."),
    "api-gradebook": reads(LEADER, "autumn"),
    "api-gradebook-file": reads(LEADER, "autumn", "csv"),
    "api-weights": Door({"GET": LEADER, "PATCH": LEADER}, ("autumn",), {"weights": {"tiny/ingest": 2}}),
    "api-likeness": does_both(LEADER, "autumn", *INGEST),
    "api-pair": reads(LEADER, "autumn", "submission", "bobs"),
    "api-cohort-diary": reads(LEADER, "autumn"),
    "api-platforms": does_both(LEADER, "autumn", **PLATFORM),
    "api-platform": Door({"GET": LEADER, "DELETE": LEADER}, ("autumn", "platform")),
    "api-next-platform": reads(LEADER, "autumn"),
    "api-platform-roster": does_both(LEADER, "autumn", "platform"),
    "api-platform-scores": takes(LEADER, "autumn", "platform"),
    "api-sync-log": reads(LEADER, "autumn"),
    "api-credentials": Door({"GET": SIGNED_IN, "POST": LEARNERS}, body={"kind": "milestone", "of": "tiny/ingest"}),
    "api-credentials-zip": reads(SIGNED_IN),
    "api-credential": Door({"GET": OWNER, "DELETE": OWNER}, ("credential",)),
    "api-credential-file": reads(OWNER, "credential", "json"),
    "api-verify": takes(EVERYBODY, text="x"),
    # What one has shown; a link's token is the secret: it is for whoever holds it.
    "api-skills": reads(SIGNED_IN),
    "api-story": reads(LEARNERS, *TINY),
    "api-disclosures": does_both(SIGNED_IN, skills=["clean"]),
    "api-disclosure": Door({"GET": OWNER, "DELETE": OWNER}, ("disclosure",)),
    "api-shared": reads(EVERYBODY, "shared"),
    # Whoever has not shown level 4 has nothing to ask yet: that is a 409, and no door.
    "api-own-rationales": does_both(SIGNED_IN, skill="clean", text="Why. " * 60),
    "api-own-rationale": Door({"DELETE": OWNER}, ("rationale",)),
    "api-rationales": reads(SIGNED_IN),
    "api-rationale-answer": Door({"POST": LEADER, "DELETE": LEADER}, ("rationale",), ANSWER),
    "api-employers": does_both(SIGNED_IN, title="Acme"),
    "api-employer": Door({"GET": HIRING, "PUT": HIRING}, ("northwind",)),
    "api-colleagues": reads(HIRING, "northwind"),
    "api-colleague": Door({"PUT": HIRING, "DELETE": HIRING}, ("northwind", "zoe")),
    "api-offers": does_both(HIRING, "northwind", role="reader"),
    "api-offer": Door({"DELETE": HIRING}, ("northwind", "offer")),
    "api-roles": does_both(HIRING, "northwind", title="Cook", required={"clean": 2}),
    "api-import-role": takes(HIRING, "northwind", yaml="title: Cook\nrequired: {clean: 2}"),
    "api-role": Door({"GET": HIRING, "PUT": HIRING, "DELETE": HIRING}, ("northwind", "baker")),
    "api-role-file": reads(HIRING, "northwind", "baker"),
    "api-compare": reads(HIRING, "northwind", "baker"),
    # A link that shows nothing is a 404 to her too: what keeps one is tested by itself.
    "api-candidates": reads(HIRING, "northwind"),
    "api-candidate": Door({"PATCH": HIRING, "DELETE": HIRING}, ("northwind", "candidate")),
    "api-match": reads(HIRING, "northwind", "candidate", "baker"),
    "api-own-roles": reads(SIGNED_IN),
    "api-own-role": reads(SIGNED_IN, "data-engineer"),
    # Whoever has the link takes the post up; Erin has hers already.
    "api-take-up": takes(SIGNED_IN, "offer-token"),
    "api-employer-diary": reads(HIRING, "northwind"),
    "api-domain-files": reads(HIRING, "northwind"),
    "api-domain-file": reads(HIRING, "northwind", "domain-file"),
    "api-assessments": reads(HIRING, "northwind"),
    "api-assessment": reads(HIRING, "northwind", "assessment"),
    "api-invites": reads(HIRING, "northwind", "assessment"),
    "api-invite": Door({"DELETE": HIRING}, ("northwind", "assessment", "unused-invite")),
    "api-more-time": takes(HIRING, "northwind", "assessment", "unused-invite", minutes=5, reason="Slow keyboard."),
    "api-assessment-report": reads(HIRING, "northwind", "assessment", "shared-invite"),
    "api-own-assessments": reads(SIGNED_IN),
    "api-invited": reads(EVERYBODY, "invited"),
    "api-begin": takes(SIGNED_IN, "invited"),
    "api-finish": takes(frozenset({"frank"}), "shared-invite"),
    "api-own-report": does_both(frozenset({"frank"}), "shared-invite", answer="consent"),
    "api-webhooks": Door({"GET": HIRING, "POST": HIRING}, ("northwind",), HOOK),
    "api-webhook": Door({"GET": HIRING, "PUT": HIRING, "DELETE": HIRING}, ("northwind", "webhook")),
    "api-webhook-secret": takes(HIRING, "northwind", "webhook"),
    "api-webhook-pause": Door({"POST": HIRING, "DELETE": HIRING}, ("northwind", "webhook")),
    "api-webhook-test": takes(HIRING, "northwind", "webhook"),
    "api-deliveries": reads(HIRING, "northwind", "webhook"),
    "api-send-again": takes(HIRING, "northwind", "webhook", "delivery"),
    # git
    "git-refs": reads(OWNER, *REPOSITORY),
    "git-upload-pack": takes(OWNER, *REPOSITORY),
    "git-receive-pack": takes(OWNER, *REPOSITORY),
    # Pages
    "frontend:home": reads(EVERYBODY),
    "frontend:wheel": reads(EVERYBODY, wheel_name()),
    "frontend:set_language": takes(EVERYBODY, language="de"),
    "frontend:stop_reminders": does_both(EVERYBODY, "reminder"),
    "frontend:stop_mails": does_both(EVERYBODY, "mails"),
    "frontend:set_mails": takes(SIGNED_IN),
    "frontend:start_live": reads(SIGNED_IN),
    "frontend:track": reads(SIGNED_IN),
    "frontend:skills": reads(SIGNED_IN),
    "frontend:credentials": reads(SIGNED_IN),
    "frontend:download_credentials": reads(SIGNED_IN),
    "frontend:claim": does_both(LEARNERS, "milestone", "tiny/ingest", identity="pseudonym"),
    "frontend:withdraw_credential": takes(OWNER, "credential"),
    "frontend:download_credential": reads(OWNER, "credential", "png"),
    # What was signed, whoever has its address may read; and who verifies has no account.
    "frontend:credential": reads(EVERYBODY, "credential"),
    "frontend:credential_picture": reads(EVERYBODY, "credential"),
    "frontend:status_list": reads(EVERYBODY, "list"),
    "frontend:status_token": reads(EVERYBODY, "list"),
    "frontend:achievement": reads(EVERYBODY, "milestone", "tiny/ingest/1"),
    "frontend:issuer": reads(EVERYBODY),
    # There is none on a site without a domain behind https.
    "frontend:did_document": reads(frozenset()),
    "frontend:verify": does_both(EVERYBODY, text="x"),
    "frontend:api_docs": reads(EVERYBODY),
    "frontend:api_part": reads(EVERYBODY, "projects"),
    "frontend:rationale": does_both(SIGNED_IN, "clean", text="Why. " * 60),
    "frontend:withdraw_rationale": takes(OWNER, "rationale"),
    "frontend:story": reads(LEARNERS, *TINY),
    "frontend:disclosures": does_both(SIGNED_IN, skills=["clean"], shows="levels", called="name", days=3),
    "frontend:disclosure": reads(OWNER, "disclosure"),
    "frontend:revoke_disclosure": takes(OWNER, "disclosure"),
    "frontend:shared": reads(EVERYBODY, "shared"),
    "frontend:shared_story": reads(EVERYBODY, "shared", *TINY),
    "frontend:rationales": reads(LEADER, "autumn"),
    "frontend:answer_rationale": does_both(LEADER, "autumn", "rationale", act="countersign", reason="It says why."),
    "frontend:operating": reads(STAFF),
    "frontend:operated_run": reads(STAFF, "run"),
    "frontend:close_letter": takes(STAFF, "letter", deed="dismiss"),
    "frontend:account": reads(SIGNED_IN),
    "frontend:take_home": takes(SIGNED_IN),
    "frontend:close_account": does_both(SIGNED_IN),
    "frontend:create_token": takes(SIGNED_IN, name="mine", scopes="read", days="7"),
    # Twice is no harm, and neither is somebody else's number: nothing of theirs is changed.
    "frontend:revoke_token": takes(SIGNED_IN, "token"),
    "frontend:set_zone": takes(SIGNED_IN, zone="Europe/Berlin"),
    "frontend:set_goal": takes(SIGNED_IN, unit="days", number=3),
    "frontend:project": reads(SIGNED_IN, *TINY),
    "frontend:project_live": reads(SIGNED_IN, *TINY),
    "frontend:enrol": takes(SIGNED_IN, *TINY),
    "frontend:starter": reads(SIGNED_IN, *TINY),
    "frontend:world": reads(LEARNERS, *TINY),
    "frontend:export": reads(LEARNERS, *TINY),
    "frontend:edition": reads(LEARNERS, *TINY),
    "frontend:outlook": reads(LEARNERS, *TINY),
    "frontend:try_edition": takes(LEARNERS, *TINY),
    "frontend:drop_trial": takes(LEARNERS, *TINY),
    "frontend:move_over": takes(LEARNERS, *TINY),
    "frontend:take_note": takes(LEARNERS, *TINY),
    "frontend:begin": reads(LEARNERS, *TINY),
    "frontend:edit": does_both(LEARNERS, *FILE, text="5"),
    "frontend:create_file": takes(LEARNERS, *TINY, path="new.py"),
    "frontend:move_file": takes(LEARNERS, *TINY, path="main.py", to="new.py"),
    "frontend:remove_file": takes(LEARNERS, *TINY, path="main.py"),
    "frontend:changes": reads(LEARNERS, *TINY),
    "frontend:check": does_both(LEARNERS, *TINY, kind="ingest"),
    "frontend:check_live": reads(LEARNERS, *TINY),
    "frontend:data": reads(LEARNERS, *TINY),
    "frontend:made": reads(LEARNERS, *TINY),
    "frontend:milestone": reads(SIGNED_IN, *INGEST),
    "frontend:submit": takes(LEARNERS, *INGEST),
    "frontend:hint": takes(LEARNERS, *HINT, tier=1),
    "frontend:reference": does_both(LEARNERS, *INGEST),
    "frontend:loan": does_both(LEARNERS, *INGEST),
    "frontend:give_back": takes(LEARNERS, *INGEST),
    "frontend:submission": reads(OWNER, "submission"),
    "frontend:live": reads(OWNER, "submission"),
    "frontend:cohorts": reads(SIGNED_IN),
    "frontend:cohort": reads(LEADER, "autumn"),
    "frontend:create_cohort": does_both(FOUNDERS, title="Winter"),
    "frontend:cohort_settings": does_both(LEADER, "autumn", title="Winter"),
    "frontend:archive_cohort": takes(LEADER, "autumn"),
    "frontend:people": reads(LEADER, "autumn"),
    "frontend:appoint": takes(LEADER, "autumn", account="charlie", role="observer"),
    "frontend:leader": takes(LEADER, "autumn", "dana"),
    "frontend:member": does_both(LEADER, "autumn", "alice", extra_percent=25),
    "frontend:reservation": takes(LEADER, "autumn", "reservation"),
    "frontend:open_section": takes(LEADER, "autumn", title="South"),
    "frontend:section": takes(LEADER, "autumn", "section", title="South"),
    "frontend:invitations": does_both(LEADER, "autumn", days=3, cap=2),
    "frontend:revoke_invitation": takes(LEADER, "autumn", "invitation"),
    "frontend:roster": does_both(LEADER, "autumn"),
    "frontend:apply_roster": takes(LEADER, "autumn"),
    "frontend:drop_roster": takes(LEADER, "autumn"),
    "frontend:membership": reads(LEARNERS, "autumn"),
    "frontend:leave": takes(LEARNERS, "autumn"),
    "frontend:take_place": takes(OWNER, "place"),
    # Whoever has the link may look at what it is; signed out, nobody joins by it.
    "frontend:join": does_both(EVERYBODY, "link"),
    "frontend:cohort_learner": reads(LEADER, "autumn", "alice"),
    "frontend:cohort_checks": reads(LEADER, "autumn", *INGEST),
    "frontend:cohort_stoppers": reads(LEADER, "autumn"),
    "frontend:cohort_at_risk": does_both(LEADER, "autumn", idle_days="7"),
    "frontend:gradebook": reads(LEADER, "autumn"),
    "frontend:weights": takes(LEADER, "autumn", **{"tiny/ingest": 2}),
    "frontend:gradebook_file": reads(LEADER, "autumn", "json"),
    "frontend:permits": does_both(LEADER, "autumn", milestone="tiny/ingest", what="reference"),
    "frontend:teams": does_both(LEADER, "autumn", project="tiny", name="Blue", learners=["bob"]),
    "frontend:change_team": takes(LEADER, "autumn", "team", joins="bob"),
    "frontend:dates": does_both(LEADER, "autumn"),
    "frontend:set_rules": takes(LEADER, "autumn", zone="UTC", late_percent=10),
    "frontend:shift_dates": takes(LEADER, "autumn", days=7),
    "frontend:extend": takes(LEADER, "autumn", learner="alice", milestone="tiny/ingest"),
    "frontend:withdraw_extension": takes(LEADER, "autumn", "extension"),
    "frontend:cohort_calendar": takes(LEADER, "autumn"),
    "frontend:my_calendar": takes(SIGNED_IN),
    # Its address is the secret: it is for whoever holds it.
    "frontend:calendar": reads(EVERYBODY, "calendar"),
    "frontend:regrades": reads(LEADER, "autumn"),
    "frontend:regrade": does_both(LEADER, "autumn", "tiny", begin="1"),
    "frontend:regrade_progress": reads(LEADER, "autumn", "tiny"),
    "frontend:likeness": does_both(LEADER, "autumn", milestone="tiny/ingest"),
    "frontend:pair": reads(LEADER, "autumn", "submission", "bobs"),
    # For the instructor whom Dana is here; a platform is for owners to connect.
    "frontend:lms": reads(LEADER, "autumn"),
    "frontend:cohort_diary": reads(LEADER, "autumn"),
    "frontend:change_lms": takes(LEADER, "autumn", "platform", again="1"),
    # What comes from a platform is signed by it; a ticket is for whoever holds it.
    "frontend:part_lms": takes(SIGNED_IN, "identity"),
    "frontend:lti_keys": reads(EVERYBODY),
    "frontend:lti_login": does_both(EVERYBODY, "platform-key"),
    "frontend:lti_launch": takes(EVERYBODY, "platform-key"),
    "frontend:lti_open": reads(EVERYBODY, "not-a-ticket"),
    "frontend:lti_arrive": does_both(EVERYBODY),
    "frontend:employers": reads(SIGNED_IN),
    "frontend:create_employer": does_both(SIGNED_IN, title="Acme"),
    "frontend:offer": does_both(SIGNED_IN, "offer-token"),
    "frontend:employer": reads(HIRING, "northwind"),
    "frontend:keep_candidate": takes(HIRING, "northwind", link="not a link"),
    "frontend:candidate": does_both(HIRING, "northwind", "candidate", note="Hm."),
    "frontend:roles": reads(HIRING, "northwind"),
    "frontend:create_role": does_both(HIRING, "northwind", title="Cook"),
    "frontend:upload_role": does_both(HIRING, "northwind", yaml="title: Cook"),
    "frontend:role": reads(HIRING, "northwind", "baker"),
    "frontend:edit_role": does_both(HIRING, "northwind", "baker", title="Cook"),
    "frontend:copy_role": takes(HIRING, "northwind", "baker"),
    "frontend:compare": reads(HIRING, "northwind", "baker"),
    "frontend:export_role": reads(HIRING, "northwind", "baker"),
    "frontend:my_roles": reads(SIGNED_IN),
    "frontend:my_role": reads(SIGNED_IN, "data-engineer"),
    "frontend:employer_settings": does_both(HIRING, "northwind", title="Northwind"),
    "frontend:employer_diary": reads(HIRING, "northwind"),
    "frontend:webhooks": Door({"GET": HIRING, "POST": HIRING}, ("northwind",), HOOK),
    "frontend:webhook": Door({"GET": HIRING, "POST": HIRING}, ("northwind", "webhook"), HOOK),
    "frontend:act_on_webhook": takes(HIRING, "northwind", "webhook", rotate="1"),
    "frontend:send_again": takes(HIRING, "northwind", "webhook", "delivery"),
    "frontend:colleagues": reads(HIRING, "northwind"),
    "frontend:domain_files": reads(HIRING, "northwind"),
    "frontend:domain_file": reads(HIRING, "northwind", "domain-file"),
    "frontend:ready_made_domain": reads(HIRING, "northwind", "tiny", "plain"),
    "frontend:assessments": reads(HIRING, "northwind"),
    "frontend:new_assessment": reads(HIRING, "northwind"),
    "frontend:assessment": reads(HIRING, "northwind", "assessment"),
    "frontend:revoke_invite": takes(HIRING, "northwind", "assessment", "unused-invite"),
    "frontend:more_time": reads(HIRING, "northwind", "assessment", "unused-invite"),
    "frontend:assessment_report": reads(HIRING, "northwind", "assessment", "shared-invite"),
    "frontend:assessed": reads(SIGNED_IN),
    "frontend:own_assessment": reads(frozenset({"frank"}), "shared-invite"),
    "frontend:finish_box": takes(frozenset({"frank"}), "shared-invite"),
    "frontend:say": takes(frozenset({"frank"}), "shared-invite", answer="consent"),
    "frontend:invited": does_both(EVERYBODY, "invited"),
    "frontend:make_offer": takes(HIRING, "northwind", role="reader"),
    "frontend:withdraw_offer": takes(HIRING, "northwind", "offer"),
    "frontend:colleague": takes(HIRING, "northwind", "zoe", dismiss="1"),
    "frontend:member_submission": reads(LEADER, "autumn", "submission"),
    "frontend:answer_comment": takes(OWNER, "submission", "comment", text="Yes."),
    "frontend:review_desk": reads(LEADER, "autumn"),
    "frontend:review": does_both(LEADER, "autumn", "submission", path="main.py", line=1, text="Why?"),
    "frontend:comment": takes(LEADER, "autumn", "comment", text="Well."),
    "frontend:override": takes(LEADER, "autumn", "submission", outcome="failed", reason="Copied."),
    "frontend:undo_override": takes(LEADER, "autumn", "override"),
    "frontend:view_as": takes(LEADER, "autumn", learner="alice"),
    # Whoever does not look at anybody has nothing to stop.
    "frontend:stop_viewing": takes(SIGNED_IN),
    "frontend:test_learner": takes(LEADER, "autumn"),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TOKENS_OPEN = ("api-", "git-")
# What takes no cookie, or is signed itself, needs no token of a form.
WITHOUT_FORM_TOKEN = {
    "api-tokens",
    "api-verify",
    "git-refs",
    "git-upload-pack",
    "git-receive-pack",
    "frontend:stop_reminders",
    "frontend:stop_mails",
    "frontend:lti_login",
    "frontend:lti_launch",
}


@dataclass(frozen=True)
class House:
    """The cast by name, with a token each, and the numbers of what is Alice's."""

    people: Mapping[str, User]
    tokens: Mapping[str, str]
    numbers: Mapping[str, str]
    client: Client = field(default_factory=Client)
    # The cookie of each, who came in once.
    cookies: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str:
        door = DOORS[name]
        return reverse(name, args=[self.numbers.get(place, place) for place in door.places])

    def ask(self, who: str, name: str, method: str) -> HttpResponseBase:
        """The answer to this person, as a browser or a program of theirs gets it."""
        headers = {}
        self.client.cookies.clear()
        if who != "nobody" and name.startswith("git-"):
            told = base64.b64encode(f"{who}:{self.tokens[who]}".encode()).decode()
            headers["Authorization"] = f"Basic {told}"
        elif who != "nobody" and name.startswith("api-"):
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        elif who != "nobody":
            self.client.cookies[live_settings.SESSION_COOKIE_NAME] = self.cookies[who]
        query = "?service=git-upload-pack" if name == "git-refs" else ""
        body = {"data": DOORS[name].body} if method == "POST" else {}
        return getattr(self.client, method.lower())(self.find(name) + query, headers=headers, **body)  # type: ignore[no-any-return]


@contextmanager
def undoing() -> Iterator[None]:
    """Nothing of what is done meanwhile stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def house(
    alice: User,
    bob: User,
    charlie: User,
    dana: User,
    make_user: Callable[[str], User],
    tiny: Project,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    """Alice and Bob have passed ingest and have a goal; Dana leads them, and Frank leads nobody they know."""
    cache.clear()
    monkeypatch.setattr("people.lti.tasks.fetch_roster.delay", lambda platform: None)
    Milestone.objects.filter(kind="ingest").update(hints="## every_line_is_there\n\n1. Count.\n")
    User.objects.filter(pk=alice.pk).update(verdict_mails_since=timezone.now())
    people = {
        user.username: user
        for user in (alice, bob, charlie, dana, make_user("frank"), make_user("erin"), make_user("olga"))
    }
    User.objects.filter(username="olga").update(is_staff=True)
    for slug, leader, learners in (("autumn", "dana", LEARNERS), ("spring", "frank", frozenset())):
        cohort = Cohort.objects.create(slug=slug, title=slug, project_slugs=["tiny"])
        roles = {leader: Role.OWNER, **dict.fromkeys(learners, Role.LEARNER)}
        for name, role in roles.items():
            Membership.objects.create(cohort=cohort, user=people[name], role=role)
    for name in sorted(LEARNERS):
        run = intake.submit(intake.enrol(people[name], tiny), "ingest", {"main.py": name.encode()}, "web")
        conclude(run, passed_ingest)
        Goal.objects.create(user=people[name], unit="days", number=2, reminds=True)
    credential = claiming.claim(alice, "skill", "acquire-data")
    platform = Platform.objects.create(cohort=Cohort.objects.get(slug="autumn"), issuer="https://learn.example.org")
    # A team of one, so far.
    Enrolment.objects.filter(user=alice).update(team="Green")
    pair = list(Submission.objects.order_by("enrolment__user__username").values_list("pk", flat=True))
    work = Submission.objects.get(enrolment__user=alice)
    place = {"submission": work, "path": "main.py", "line": 1}
    said = Comment.objects.create(cohort=Cohort.objects.get(slug="autumn"), author=dana, text="Hm.", **place)
    word = {"submission": work, "check_name": "every_line_is_there", "outcome": "failed", "machine": "held"}
    numbers = {
        "credential": str(credential.uuid),
        "list": str(credential.status_list.uuid),
        "team": str(work.enrolment_id),
        "submission": str(work.pk),
        "run": str(work.runs.get().pk),
        "letter": str(DeadLetter.objects.create(task="some.task", asked="[]", fault="raised").pk),
        "comment": str(said.pk),
        "override": str(Override.objects.create(**word, reason="Copied.", by=dana).pk),
        "bobs": str(pair[1]),
        "token": str(_token_of(alice)),
        "mails": mailing.sign(alice, mailing.Mailing.VERDICTS),
        "platform": str(platform.pk),
        "platform-key": str(platform.key),
        "identity": str(Identity.objects.create(platform=platform, sub="7", user=alice).pk),
        "reminder": SIGNER.sign(str(alice.pk)),
        **_fill_cohorts(alice),
        **_disclose(alice),
        **_fill_employer(people["erin"], make_user("zoe"), alice),
        **_assess(people["frank"]),
        "calendar": feeds.sign(feeds.renew_feed(alice)),
        "extension": str(_extend(alice).pk),
    }
    _find_alike(*pair)
    made = House(people, {name: issue_token(user, "test") for name, user in people.items()}, numbers)
    for name, user in people.items():
        made.client.cookies.clear()
        made.client.force_login(user)
        made.cookies[name] = made.client.session.session_key
    return made


def _fill_cohorts(alice: User) -> dict[str, str]:
    """A section, an invitation and a reservation in Dana's cohort, and a place that Frank's keeps for Alice."""
    autumn, spring = Cohort.objects.order_by("slug")
    invitation = Invitation.objects.create(cohort=autumn, expires_at=timezone.now() + timedelta(days=1), cap=99)
    places = {"reservation": (autumn, None, "zoe"), "place": (spring, alice, "alice")}
    return {
        "section": str(Section.objects.create(cohort=autumn, title="North").pk),
        "invitation": str(invitation.pk),
        "link": sign(invitation),
        **{
            name: str(Reservation.objects.create(cohort=cohort, user=user, username=called).pk)
            for name, (cohort, user, called) in places.items()
        },
    }


def _disclose(user: User) -> dict[str, str]:
    """A link of hers, and what she wrote of a skill."""
    later = timezone.now() + timedelta(days=1)
    link = Disclosure.objects.create(user=user, skills=["clean"], projects=["tiny"], expires_at=later)
    asked = Rationale.objects.create(user=user, skill="clean", text="Why.")
    return {"disclosure": str(link.pk), "shared": link.token, "rationale": str(asked.pk)}


def _fill_employer(erin: User, zoe: User, alice: User) -> dict[str, str]:
    """Erin's employer, for which Zoe reads: a post that it offers, a role, and a link that Alice sent."""
    northwind = Employer.objects.create(slug="northwind", title="Northwind Payments")
    Post.objects.create(employer=northwind, user=erin, role="owner")
    Post.objects.create(employer=northwind, user=zoe, role="reader")
    offer = Offer.objects.create(employer=northwind, role="recruiter")
    hook = Webhook.objects.create(employer=northwind, address="https://8.8.8.8/", events=[Event.KEPT])
    told = Delivery.objects.create(webhook=hook, event_id="msg_1", event=Event.KEPT, delivered_at=timezone.now())
    numbers = {"webhook": str(hook.pk), "delivery": str(told.pk)}
    RoleProfile.objects.create(employer=northwind, slug="baker", title="Baker", required={"clean": 2})
    sent = Disclosure.objects.create(user=alice, skills=["clean"], expires_at=timezone.now() + timedelta(days=1))
    kept = Candidate.objects.create(employer=northwind, disclosure=sent)
    return {"offer": str(offer.pk), "offer-token": offer.token, "candidate": str(kept.pk), **numbers}


def _assess(frank: User) -> dict[str, str]:
    """Two assessments of Erin's: a link that nobody has used, and one by which Frank was assessed, who shares it."""
    tiny, northwind, now = Project.objects.get(slug="tiny"), Employer.objects.get(slug="northwind"), timezone.now()
    box = {"employer": northwind, "project": tiny, "kinds": ["ingest"], "domain": "plain", "minutes": 60}
    box |= {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=1)}
    first, second = (Assessment.objects.create(title=title, **box) for title in ("Numbers", "More numbers"))
    unused, other = (
        Invite.objects.create(assessment=one, label="Nobody", expires_at=now + timedelta(hours=9))
        for one in (first, second)
    )
    past = now - timedelta(hours=2)
    done = Enrolment.objects.create(user=frank, project=tiny, domain="plain", occasion="assessment")
    Share.objects.create(enrolment=done, user=frank, slug="tiny", until=past, left_at=past)
    times = {"expires_at": past, "begun_at": past - timedelta(hours=1), "ends_at": past, "consented_at": now}
    shared = Invite.objects.create(assessment=first, label="Frank", user=frank, enrolment=done, **times)
    file = DomainFile.objects.create(
        employer=northwind, project=tiny, name="Kitchen", text="title: Kitchen", digest="x"
    )
    rows = {"assessment": first, "unused-invite": unused, "shared-invite": shared, "domain-file": file}
    return {**{name: str(row.pk) for name, row in rows.items()}, "invited": inviting.sign(other)}


def _extend(user: User) -> Extension:
    cohort, far = Cohort.objects.get(slug="autumn"), timezone.now() + timedelta(days=30)
    Timing.objects.create(cohort=cohort, slug="tiny", kind="ingest", due_at=far)
    member = Membership.objects.get(cohort=cohort, user=user)
    return Extension.objects.create(membership=member, slug="tiny", kind="ingest", due_at=far + timedelta(days=1))


def _find_alike(first: int, second: int) -> None:
    """A report of Dana's cohort in which these two submissions are a pair."""
    pair = {"first": first, "second": second, "share": 1.0, "stretches": [], "stretches_count": 0}
    place = {"cohort": Cohort.objects.get(slug="autumn"), "slug": "tiny", "kind": "ingest"}
    now = timezone.now()
    told = {"pairs": [pair], "pairs_count": 1, "artefacts": [], "skipped": [], "compared": 2, "thin": 0}
    Likeness.objects.create(**place, asked_at=now, finished_at=now, report=told)


def _token_of(user: User) -> int:
    issue_token(user, "laptop")
    return user.tokens.get(name="laptop").pk


def list_addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """The name of every address, but for the admin's: the libraries' own table of who may is asked below."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLPattern):
            yield f"{space}{found.name}"
        elif found.namespace != "admin":
            yield from list_addresses(found, f"{found.namespace}:" if found.namespace else space)


def is_let_in(answer: HttpResponseBase) -> bool:
    """Whether the door opened: neither the way to the log-in page nor a no. A fault of ours is neither."""
    assert answer.status_code < 500
    to_log_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    return not to_log_in and answer.status_code not in (401, 403, 404, 405)


def list_methods(name: str) -> tuple[str, ...]:
    """What to ask this address. A library's pages take a PUT for a POST, and what supervisors ask takes anything."""
    return METHODS if name.startswith(TOKENS_OPEN) else METHODS[:2]


def test_every_address_is_in_the_table_and_the_table_knows_no_other() -> None:
    assert set(list_addresses()) == set(DOORS)


def list_hers(user: User) -> list[object]:
    """All that is a learner's own, and what somebody else might set about them."""
    of = {"enrolment__user": user}
    rows = (model.objects.filter(**of) for model in (Submission, Rehearsal, Help, Loan, Tried))
    about = {"submission__enrolment__user": user}
    said = (model.objects.filter(**about) for model in (Comment, Override))
    shown = (Disclosure.objects.filter(user=user), Rationale.objects.filter(user=user))
    words = Countersign.objects.filter(rationale__user=user)
    own = (Enrolment.objects.filter(user=user), Goal.objects.filter(user=user), Permit.objects.filter(user=user))
    runs = Run.every.filter(submission__enrolment__user=user)
    user.refresh_from_db()
    return [
        (user.language, user.zone, user.verdict_mails_since, list(user.tokens.values_list("pk", flat=True))),
        list(Extension.objects.filter(membership__user=user).values()),
        *(
            list(found.order_by("pk").values())
            for found in (*rows, *own, *said, *shown, words, runs, user.identities.all())
        ),
    ]


def list_admin_addresses() -> Iterator[str]:
    """The admin's addresses, but for those by which staff come and go."""
    for pattern in admin.site.get_urls():
        for one in getattr(pattern, "url_patterns", [pattern]):
            if isinstance(one.pattern, RoutePattern) and one.name not in ("login", "logout"):
                place = str(pattern.pattern) if one is not pattern else ""
                yield "/admin/" + place + re.sub(r"<.+?>", "1", str(one.pattern))


def list_let_in(house: House, asked: Mapping[Way, Iterable[str]]) -> dict[Way, set[str]]:
    def let_in(who: str, name: str, method: str) -> bool:
        with undoing():
            return is_let_in(house.ask(who, name, method))

    return {way: {who for who in people if let_in(who, *way)} for way, people in asked.items()}


def test_who_is_not_known_comes_in_where_the_table_says_so_and_nowhere_else(house: House) -> None:
    told = {(name, method): who & {"nobody"} for name, door in DOORS.items() for method, who in door.may.items()}
    assert list_let_in(house, {way: ["nobody"] for way in told}) == told


@pytest.mark.slow
@pytest.mark.parametrize("takes_tokens", [True, False])
def test_every_door_opens_to_whom_the_table_says_and_to_nobody_else(takes_tokens: bool, house: House) -> None:
    doors = [name for name in DOORS if name.startswith(TOKENS_OPEN) == takes_tokens]
    ways = [(name, method) for name in doors for method in list_methods(name)]
    # Where a method is nobody's, an owner and a stranger are enough to ask.
    asked = {way: EVERYBODY if way[1] in DOORS[way[0]].may else {"alice", "nobody"} for way in ways}
    assert list_let_in(house, asked) == {way: DOORS[way[0]].may.get(way[1], frozenset()) for way in ways}


@pytest.mark.slow
def test_whatever_others_ask_for_nothing_of_hers_is_changed(house: House) -> None:
    alice = house.people["alice"]
    before = list_hers(alice)
    # The link in a mail is signed: it is for whoever holds it.
    doors = {
        name: door for name, door in DOORS.items() if name not in ("frontend:stop_reminders", "frontend:stop_mails")
    }
    for name, method in [(name, method) for name, door in doors.items() for method in door.may if method != "GET"]:
        for who in ("nobody", "bob", "charlie", "frank"):
            with undoing():
                house.ask(who, name, method)
                now = list_hers(alice)
            # Whoever knows her password makes a token with it: that is what it is for.
            assert (name, who, now) == (name, who, before) or name == "api-tokens"


def test_nothing_is_posted_with_a_cookie_alone(house: House) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(house.people["alice"])
    with undoing():
        taken = {name for name in DOORS if post_anyhow(browser, house.find(name), DOORS[name].body) != 403}
    assert taken == WITHOUT_FORM_TOKEN


def post_anyhow(browser: Client, address: str, body: Mapping[str, Any]) -> int:
    """As a form; as JSON where no form is taken."""
    status = browser.post(address, body).status_code
    return status if status != 415 else browser.post(address, body, content_type="application/json").status_code


def test_the_admin_is_for_staff(house: House) -> None:
    addresses = list(list_admin_addresses())
    assert len(addresses) > 20
    house.client.force_login(house.people["dana"])
    for address in addresses:
        assert house.client.get(address)["Location"].startswith("/admin/login/"), address
