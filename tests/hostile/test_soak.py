"""Some sixty pieces of good, bad and hostile work in a row leave nothing behind; `scripts/soak` does a thousand."""

import pytest

from grading.sandboxes.bubblewrap import Bubblewrap
from tests.hostile.soaking import soak, table

pytestmark = pytest.mark.attack
GROWN_MB = 20


def test_nothing_stays_behind_and_memory_is_flat(jail: Bubblewrap) -> None:
    told = soak(60, jail)
    assert not told.strange, table(told)
    assert told.before
    assert told.after
    for what in ("processes", "mounts", "groups_and_chambers", "scratch", "temporary", "descriptors", "threads"):
        assert getattr(told.after, what) <= getattr(told.before, what), table(told)
    assert told.after.memory_mb - told.before.memory_mb < GROWN_MB, table(told)
