"""Which queue a task waits in, and what each broker makes of their order: interactive before regrade before mail.

Redis keeps the order: a message of a more urgent step is taken before all others, whichever queue it is in. RabbitMQ
and the embedded transport know no order between queues: a process that is free takes from each in turn.
"""

from collections.abc import Mapping
from typing import Any

from kombu import Exchange, Queue

INTERACTIVE, REGRADE, MAIL = "interactive", "regrade", "mail"
# Redis asks for the lowest first. What only looks at rows and rings never stands behind what takes minutes.
STEPS = {INTERACTIVE: 0, REGRADE: 3, MAIL: 6}
URGENT = 0
# Well above what the clocks of two machines may differ by: a worker that is ahead must not drop what is fresh.
STALE_S = 600
TASKS = {
    INTERACTIVE: (
        "people.learners.tasks.grade_run",
        "people.learners.tasks.rehearse",
        "people.learners.tasks.look_at_world",
        "people.learners.tasks.look_at_work",
        "people.learners.tasks.make_loan",
    ),
    REGRADE: (
        "people.learners.tasks.grade_this",
        "people.learners.tasks.make_worlds",
        "people.cohorts.tasks.compare",
        "people.employers.tasks.compare_assessed",
        "people.employers.tasks.measure_domain",
        "people.employers.tasks.count_levels",
    ),
    MAIL: (
        "people.learners.tasks.mail_verdicts",
        "people.cohorts.tasks.hand_on",
        "people.cohorts.tasks.mail_digests",
        "people.goals.tasks.remind",
        "people.employers.tasks.look_after_credentials",
        "people.employers.tasks.tell",
        "people.employers.tasks.tell_one",
        "people.employers.tasks.tend",
        "people.lti.tasks.pass_back",
        "people.lti.tasks.fetch_roster",
        "people.lti.tasks.tend",
        "people.replays.tasks.forget",
    ),
}
URGENT_TASKS = ("people.learners.tasks.sweep", "people.employers.tasks.end_boxes")


def list_routes() -> dict[str, dict[str, Any]]:
    """Where each task waits."""
    routes = {task: {"queue": name, "priority": STEPS[name]} for name, tasks in TASKS.items() for task in tasks}
    return routes | {task: {"queue": MAIL, "priority": URGENT} for task in URGENT_TASKS}


def list_queues(longest_s: int) -> list[Queue]:
    """All of them. RabbitMQ would take a message back after half an hour, so it is told how long a task may take."""
    patience = {"x-consumer-timeout": 1000 * longest_s}
    return [Queue(name, Exchange(name), routing_key=name, queue_arguments=patience) for name in STEPS]


def let_expire(schedule: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same schedule, in which rings that no worker heard for long are dropped: the next one says the same."""
    return {
        name: {**entry, "options": {"expires": max(STALE_S, entry["schedule"])}} for name, entry in schedule.items()
    }
