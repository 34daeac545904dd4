"""kill -9 of a worker in the middle of a run: the verdict still comes, and once."""

from typing import Any

import pytest


@pytest.mark.slow
def test_the_run_of_a_killed_worker_is_handed_on_and_judged_once(install: Any) -> None:
    installation = install(MILEPOST_LEASE_SECONDS="3")
    installation.submit("import time; time.sleep(4)\n")
    with installation.worker() as first:
        installation.wait_for("running")
        installation.kill(first)
    assert installation.ask()[0]["state"] == "running", "nobody was left to write anything else"
    with installation.worker():
        [told] = installation.wait_for("done")
    assert (told["outcome"], told["tries"], told["judgements"]) == ("passed", 2, 1)
    assert told["audit"] == ["queued", "claimed", "claimed", "recorded"]
