"""The choice fails closed: what is missing is named, and weakness must be asked for."""

import os

import pytest

from grading.sandboxes import choose as choosing
from grading.sandboxes.base import SandboxFault
from grading.sandboxes.bubblewrap import STRICT, Bubblewrap
from grading.sandboxes.choose import VARIABLE, WARM_VARIABLE, choose, choose_warm
from grading.sandboxes.warm import Warm


@pytest.fixture(autouse=True)
def _choose_anew():
    choosing._tried.cache_clear()
    yield
    choosing._tried.cache_clear()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has the strict jail without delegation")
def test_the_strict_jail_is_the_default(jail):
    assert choose({}) == Bubblewrap(STRICT)
    assert "user of its own" in choose({}).layers


def test_the_choice_is_tried_once(jail):
    assert choose({VARIABLE: "weak"}) is choose({VARIABLE: "weak"})


def test_an_unknown_word_is_refused_with_the_known_ones():
    with pytest.raises(SandboxFault, match="it can be strict, dedicated, weak"):
        choose({VARIABLE: "off"})


def test_a_host_without_bubblewrap_is_refused(monkeypatch):
    monkeypatch.setattr(choosing.shutil, "which", lambda name: None)
    with pytest.raises(SandboxFault, match="install the Debian package bubblewrap"):
        choose({VARIABLE: "weak"})


def test_a_host_that_lacks_a_layer_is_refused_by_name_and_with_the_remedy(monkeypatch, jail):
    monkeypatch.setattr(choosing, "REQUIRED", {"strict": frozenset({"memory", "moon"})})
    with pytest.raises(SandboxFault, match=r"moon.*doctor.*MILEPOST_SANDBOX"):
        choose({})


def test_every_run_asks_anew(run, python, limits, jail):
    with pytest.raises(SandboxFault, match="does not give"):
        Bubblewrap(require=frozenset({"moon"})).run(_command(python, limits))


def test_a_worker_has_warm_starts_unless_it_is_told_otherwise(jail):
    asked = {VARIABLE: "weak"}
    warm = choose_warm(asked)
    assert isinstance(warm, Warm)
    assert (warm.jail, warm.pool.size) == (choose(asked), 2)
    assert warm.layers == choose(asked).layers
    assert choose_warm({**asked, WARM_VARIABLE: "5"}).pool.size == 5
    assert choose_warm({**asked, WARM_VARIABLE: "0"}) == choose(asked)


@pytest.mark.parametrize("word", ["many", "-1", "65", ""])
def test_a_number_of_warm_starts_that_is_none_is_refused(jail, word):
    with pytest.raises(SandboxFault, match=r"MILEPOST_WARM is .* from 0 to 64"):
        choose_warm({VARIABLE: "weak", WARM_VARIABLE: word})


def _command(python, limits):
    return choosing.Command(("-c", ""), python, limits(), cwd="/work")
