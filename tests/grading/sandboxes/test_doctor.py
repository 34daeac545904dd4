"""The doctor tries each layer, and its tier follows from what stood."""

import json
import os

from grading.sandboxes.base import SandboxFault
from grading.sandboxes.bubblewrap import Bubblewrap
from grading.sandboxes.doctor import Layer, Tier, as_json, as_text, report, tier

STANDS = Layer("memory is limited", True, "cgroup v1")
MISSING_STRICT = Layer("user of its own", False, "uid 1000 of the host", Tier.STRICT)
MISSING_WEAK = Layer("no network", False, "eth0")


def test_the_tier_is_what_the_missing_layers_leave():
    assert tier([STANDS]) is Tier.STRICT
    assert tier([STANDS, MISSING_STRICT]) is Tier.WEAK
    assert tier([STANDS, MISSING_STRICT, MISSING_WEAK]) is Tier.NONE


def test_the_report_can_be_read_by_people_and_by_programs():
    layers = [STANDS, MISSING_STRICT]
    assert as_text(layers).splitlines()[1] == "  NO   user of its own    uid 1000 of the host"
    assert as_text(layers).splitlines()[2].startswith("tier: weak (only your own code, on your own machine")
    assert json.loads(as_json(layers))["tier"] == "weak"
    assert json.loads(as_json(layers))["layers"][0]["enforced"] is True


def test_every_layer_stands_here(jail):
    layers = report()
    expected = {"user of its own", "memory group", "process group"} if os.geteuid() else set()
    assert {layer.name for layer in layers if not layer.enforced} <= expected
    assert tier(layers) is (Tier.WEAK if expected else Tier.STRICT)
    assert len(layers) > 25


def test_a_host_on_which_no_jail_can_be_built_gets_no_tier(monkeypatch):
    def refuse(self, command):
        raise SandboxFault("the jail could not be built: No space left on device")

    monkeypatch.setattr(Bubblewrap, "run", refuse)
    layers = report()
    assert tier(layers) is Tier.NONE
    assert "No space left" in as_text(layers)


def test_a_host_without_bubblewrap_gets_no_tier(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert tier(report()) is Tier.NONE
