"""Has what the jail reads by itself, knowing no Django, stop the start like any other setting."""

import os

from config.environment import SettingError
from grading.sandboxes.base import SandboxFault
from grading.sandboxes.cgroups import ROOT
from grading.sandboxes.choose import read_requirement, read_slots


def check_sandbox_settings() -> None:
    """A wrong MILEPOST_SANDBOX, MILEPOST_WARM or MILEPOST_CGROUP is told now, and not by the first run."""
    try:
        read_requirement()
        read_slots()
    except SandboxFault as fault:
        raise SettingError(f"{fault}.") from fault
    _check_group(os.environ.get("MILEPOST_CGROUP", ""))


def _check_group(named: str) -> None:
    """Version 1 makes the group that is named; under version 2 somebody must have delegated it."""
    delegated = not (ROOT / "cgroup.controllers").exists() or (ROOT / named.strip("/")).is_dir()
    if ".." in named.split("/") or not delegated:
        raise SettingError(
            f"MILEPOST_CGROUP is {named!r}, which is no control group below {ROOT}; name one that is delegated to the "
            "worker, or leave it out: the worker's own is then used."
        )
