"""Learners' work: enrolments, submissions, runs, conclusions; rehearsals; what helped, and what leaders said of it.

Only intake, trials, rehearsals, helping, overriding and the ledger write here.
"""

from people.learners.models.aid import Help, Loan, Override, Permit
from people.learners.models.runs import (
    DROPPED,
    SUPERSEDED,
    AuditLine,
    CheckAnswer,
    Judgement,
    Lane,
    OwnRuns,
    Rehearsal,
    Run,
    RunEvent,
    RunState,
    VerdictMail,
)
from people.learners.models.trials import Trial, Tried
from people.learners.models.work import Contribution, Enrolment, Occasion, Share, Submission

__all__ = [
    "DROPPED",
    "SUPERSEDED",
    "AuditLine",
    "CheckAnswer",
    "Contribution",
    "Enrolment",
    "Help",
    "Judgement",
    "Lane",
    "Loan",
    "Occasion",
    "Override",
    "OwnRuns",
    "Permit",
    "Rehearsal",
    "Run",
    "RunEvent",
    "RunState",
    "Share",
    "Submission",
    "Trial",
    "Tried",
    "VerdictMail",
]
