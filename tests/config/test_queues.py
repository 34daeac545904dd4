"""Every task waits in a queue that was chosen for it, and none is ended before the limits would end it."""

import pytest
from celery import current_app

from config import queues
from people.learners.deadlines import compare_limits, longest_run_s


def list_tasks() -> set[str]:
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if name.startswith("people.")}


def test_every_task_has_a_queue_and_every_queue_only_tasks_that_are_there() -> None:
    routed = set(queues.list_routes())
    assert list_tasks() - routed == set(), "give each new task a queue in config/queues.py"
    assert routed - list_tasks() == set()


def test_what_people_wait_for_goes_before_what_nobody_waits_for() -> None:
    steps = {route["queue"]: route["priority"] for name, route in queues.list_routes().items() if "sweep" not in name}
    assert sorted(steps, key=lambda queue: steps[queue])[0] == queues.INTERACTIVE
    told = queues.list_routes()["people.learners.tasks.sweep"]
    assert told["priority"] <= queues.STEPS[queues.INTERACTIVE], "what hands on the runs of the dead waits for nobody"


def test_rings_of_beat_that_nobody_heard_do_not_pile_up(settings: pytest.FixtureRequest) -> None:
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():  # type: ignore[attr-defined]
        assert entry["schedule"] <= entry["options"]["expires"] <= max(600, entry["schedule"]), name


def test_no_run_of_any_project_is_ended_before_its_limits_end_it(settings: pytest.FixtureRequest) -> None:
    folders = [path.parent for path in sorted(settings.PROJECTS_DIR.glob("*/project.yaml"))]  # type: ignore[attr-defined]
    longest = {folder.name: longest_run_s(folder) for folder in folders}
    limit = settings.CELERY_TASK_TIME_LIMIT  # type: ignore[attr-defined]
    assert max(longest.values()) < limit, longest
    assert compare_limits() == []
    patience = settings.CELERY_TASK_QUEUES[0].queue_arguments["x-consumer-timeout"]  # type: ignore[attr-defined]
    assert patience > 1000 * limit


def test_a_limit_that_is_too_short_is_said_with_its_remedy(settings: pytest.FixtureRequest) -> None:
    settings.CELERY_TASK_TIME_LIMIT = 900  # type: ignore[attr-defined]
    first = compare_limits()[0]
    assert first.msg.startswith("By its limits a run of chargeback-watch may take 12750 seconds")
    assert first.hint == "Set MILEPOST_TASK_SECONDS above 12750."
