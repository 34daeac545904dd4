"""Tells platforms what their people's work is worth: each thing once, and again after a fault.

What is to be told stands in a row. A sender takes it by one update that names its turn and its try: two never
send the same. One that dies between the platform's answer and its own note of it leaves the row as it was: then the
same score goes out once more, which changes nothing there.
"""

from datetime import datetime, timedelta
from typing import Final

import requests
from django.db.models import F, QuerySet
from django.utils import timezone
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.grade import Grade

from people.lti.claims import MAY_SCORE
from people.lti.models import Platform, Score, SyncLine
from people.lti.outgoing import Connector, connect
from people.lti.sync_log import note_line
from people.lti.worth import WHOLE, Worth, read_worths
from people.turns import MOST_TRIES, claim_try

FIRST_WAIT: Final = timedelta(minutes=1)
# Not now, says the platform, or: I have something newer by this clock. Any other 4xx will be the same tomorrow.
WORTH_ANOTHER_TRY: Final = (408, 409, 425, 429)
MOST_AT_ONCE: Final = 200


def gather(platform: Platform) -> None:
    """Write down what this platform should know and was not told."""
    known = {(one.placement_id, one.identity_id): one for one in Score.objects.filter(placement__platform=platform)}
    for place, worth in read_worths(platform).items():
        score = known.get(place)
        if score is None:
            Score.objects.get_or_create(placement_id=place[0], identity_id=place[1], defaults=_fields(worth))
        elif Worth(score.activity, score.grading, score.given) != worth:
            _of_turn(score).update(turn=F("turn") + 1, **_fields(worth))


def send_due(now: datetime) -> int:
    """Send what is due; says how many platforms took."""
    connectors: dict[int, Connector] = {}
    sent = 0
    for score in _list_due(now):
        waits = _of_turn(score).filter(sent_at=None, given_up_at=None)
        if claim_try(waits, score.tries, now, FIRST_WAIT):
            platform = score.placement.platform
            connector = connectors.get(platform.pk) or connectors.setdefault(platform.pk, connect(platform))
            sent += _deliver(score, connector)
    return sent


def _fields(worth: Worth) -> dict[str, object]:
    told = {"activity": worth.activity, "grading": worth.grading, "given": worth.given}
    return {**told, "tries": 0, "next_at": timezone.now(), "sent_at": None, "given_up_at": None}


def _list_due(now: datetime) -> QuerySet[Score]:
    due = Score.objects.filter(sent_at=None, given_up_at=None, next_at__lte=now)
    due = due.filter(placement__platform__withdrawn_at=None).exclude(placement__column_url="")
    return due.select_related("placement__platform", "identity").order_by("next_at", "pk")[:MOST_AT_ONCE]


def _of_turn(score: Score) -> QuerySet[Score]:
    return Score.objects.filter(pk=score.pk, turn=score.turn)


def _deliver(score: Score, connector: Connector) -> bool:
    try:
        _put(score, connector)
    except LtiServiceException as answer:
        status = answer.response.status_code
        is_hopeless = 400 <= status < 500 and status not in WORTH_ANOTHER_TRY
        _put_off(score, f"The platform answered {status}.", is_hopeless)
        return False
    except (requests.RequestException, LtiException, KeyError) as fault:
        _put_off(score, f"The platform could not be asked: {_tell(fault)}.")
        return False
    _of_turn(score).update(sent_at=timezone.now())
    _note(score, SyncLine.Outcome.DONE, "")
    return True


def _put(score: Score, connector: Connector) -> None:
    column = {"scope": [MAY_SCORE], "lineitem": score.placement.column_url}
    service = AssignmentsGradesService(connector, column)  # type: ignore[arg-type]
    grade = Grade().set_user_id(score.identity.sub).set_timestamp(timezone.now().isoformat(timespec="milliseconds"))
    grade.set_activity_progress(score.activity).set_grading_progress(score.grading)
    if score.given is not None:
        grade.set_score_given(float(round(score.given, 2))).set_score_maximum(float(WHOLE))
    try:
        service.put_grade(grade)
    except requests.JSONDecodeError:
        # It was taken, with 2xx; that the answer is no JSON, which nobody asked for, is no reason to send it twice.
        return


def _put_off(score: Score, reason: str, is_hopeless: bool = False) -> None:
    tries = score.tries + 1
    if is_hopeless or tries >= MOST_TRIES:
        _of_turn(score).update(given_up_at=timezone.now())
        _note(score, SyncLine.Outcome.GIVEN_UP, f"{reason} Try {tries}, and no more by itself.")
    else:
        _note(score, SyncLine.Outcome.LATER, f"{reason} Try {tries} of {MOST_TRIES}.")


def _note(score: Score, outcome: SyncLine.Outcome, reason: str) -> None:
    said = "without a score" if score.given is None else f"{score.given:.2f} of {WHOLE}"
    text = f"{said}, {score.activity}, {score.grading}. {reason}".strip()
    place = f"{score.placement.slug}/{score.placement.kind}"
    note_line(score.placement.platform, SyncLine.What.SCORE, outcome, text, score.identity, place)


def _tell(fault: Exception) -> str:
    """What kind of fault it was; its own text may hold addresses with tokens in them."""
    return type(fault).__name__
