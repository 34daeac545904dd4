"""The linter of domain files: every fault told at once with its field, and nothing that a file says takes us down."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from curriculum.package import ProjectPackage, load
from grading.__main__ import main
from grading.authoring import open_facilities
from grading.domains import Fault, Sample, lint_domain, measure_domain
from grading.equivalence import Figures, Margin, as_markdown, compare
from grading.skeleton import begin_project

ROOT = Path(__file__).resolve().parents[2]
FLAGSHIP = ROOT / "projects" / "chargeback-watch"
CHARGING = ROOT / "docs" / "examples" / "domains" / "charging.yaml"
KIOSK = 'shops: [quay, bridge, tower, park]\nmost_cents: 4000\ngarbage: "== closed =="\n'
Document = dict[str, Any]


@pytest.fixture(scope="module")
def flagship() -> ProjectPackage:
    return load(FLAGSHIP)


# --- what is told of a text before anything is made of it ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x" * 10_000_000, "at most 65,536 are read"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "anchors (&) and aliases (*) are not read"),
        ("a: !!python/object/apply:os.system [ls]\n", "is not read"),
        ("a: 1\na: 2\n", "the key 'a' is given twice"),
        ("a: [1, 2\n", "This is no YAML"),
        ("- 1\n", "holds a mapping of fields"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "nested over 12 deep"),
        ("a: [" + "1," * 20_000 + "]\n", "over 6000 values"),
        ("a: ../../etc/passwd\n", "looks like a path"),
        ("a: \0\n", "This is no YAML"),
        ("", "holds a mapping of fields"),
    ],
)
def test_a_text_that_is_no_domain_file_is_refused_at_once(flagship: ProjectPackage, text: str, told: str) -> None:
    began = time.monotonic()
    faults = lint_domain(flagship, text)
    assert time.monotonic() - began < 2
    assert [told in fault.sentence for fault in faults] == [True]
    assert faults[0].remedy


# --- what is told of the fields ---------------------------------------------------------------------------------------


@pytest.fixture
def lint_charging(flagship: ProjectPackage) -> Callable[..., list[Fault]]:
    """The faults of the charging domain after some changes: a dotted field and its new value, None to leave it out."""

    def lint(changes: Document) -> list[Fault]:
        document = yaml.safe_load(CHARGING.read_text("utf-8"))
        for field, value in changes.items():
            *way, last = field.split(".")
            place = document
            for name in way:
                place = place[name]
            if value is None:
                del place[last]
            else:
                place[last] = value
        return lint_domain(flagship, yaml.safe_dump(document, allow_unicode=True, sort_keys=False))

    return lint


COLUMN = "world.events.txn.columns"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        (f"{COLUMN}.night", "seconds +" * 90 + " 1", "at most 600 characters"),
        (f"{COLUMN}.night", "-" * 300 + "1", "nested over 40 deep"),
        (f"{COLUMN}.night", "[x for x in day]", "ListComp is not allowed"),
        (f"{COLUMN}.night", "9**9**9", "Pow is not allowed"),
        (f"{COLUMN}.night", "__import__('os')", "unknown function '__import__'"),
        (f"{COLUMN}.night", "moonlight < 6", "unknown name 'moonlight'"),
        (f"{COLUMN}.night", "customer.height < 6", "customer has no column 'height'"),
        (f"{COLUMN}.night", "exp(1, 2)", "exp takes 1 values"),
        (f"{COLUMN}.y", "0 * day", "no variance"),
        (f"{COLUMN}.y", "bernoulli(0.5)", "It is 1 in 49"),
        ("world.params.b_new", "switch(1.0, 1.0)", "has no variance"),
        ("world.params.b_new", "uniform(1, 2)", "no variance from learner to learner"),
        ("world.entities.customer.columns.trait", "0 * rank()", "no variance"),
        ("world.entities.customer.columns.customer_id", "identifiers('e', 12)", "drawn from all of their width"),
        ("world.entities.customer.rows", 10**12, "far from what the ready-made domains have"),
        ("world.entities.customer.rows", float("inf"), "far from what"),
        ("world.events.txn.rate_per_day", "1000000000*customer.rate", ""),
        ("world.tables.country.keys", ["FI", "NL", False, "PT", "SE"], "False is true or false"),
        ("world.tables.channel.share", [0.5, 0.4, 0.4], ""),
        ("mess.shares.refund", -0.5, "far from what"),
        ("mess.shares.refund", "a lot", "is text"),
        ("mess.unit_week", [7, 2], "is no range"),
        ("mess.scored_days", None, "It is missing"),
        ("mess.weather", "fine", "Nobody reads this key"),
        ("mess.device_key", ["seen"], "is a list"),
        ("slug", "payments", "one of the package's own"),
        ("world", "everything", "is text"),
    ],
)
def test_each_fault_names_its_field_and_a_remedy(
    lint_charging: Callable[..., list[Fault]], field: str, value: object, told: str
) -> None:
    faults = lint_charging({field: value})
    assert any(told in fault.sentence for fault in faults), faults
    assert all(fault.remedy and len(fault.sentence) < 400 for fault in faults)
    if told:
        assert any(fault.field.startswith(field.rsplit(".", 1)[0]) for fault in faults), faults


@pytest.mark.slow
def test_the_charging_domain_has_no_fault_and_several_are_told_together(
    lint_charging: Callable[..., list[Fault]],
) -> None:
    assert lint_charging({}) == []
    faults = lint_charging({"mess.scored_days": None, "mess.shares.refund": 7, f"{COLUMN}.night": "moonlight < 6"})
    assert {fault.field for fault in faults} == {"mess.scored_days", "mess.shares.refund", f"{COLUMN}.night"}


# --- what is measured -------------------------------------------------------------------------------------------------

EASY = Figures(
    "easy", 6, 6, 6, 6, 10, 10, 10, 1000, 0.06, 0.05, (Margin("model", "skill", 0.2, 0.8, 0.6),), {"skill": 0.3}
)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"right_passed": 5}, ["reference passes"]),
        ({"starter_refused": 5}, ["starter is refused"]),
        ({"killed": 9}, ["wrong trees caught"]),
        ({"exact": 8}, ["wrong trees told exactly"]),
        ({"skill_gap": 0.08}, ["skill gap, naive to oracle"]),
        ({"skill_gap": 0.03}, ["skill gap, naive to oracle"]),
        ({"skill_gap": None}, ["skill gap, naive to oracle"]),
        ({"naive_rate": 0.2}, ["base rate"]),
        ({"rows": 2001}, ["rows of its tables"]),
        ({"margins": (Margin("model", "skill", 0.09, 0.69, 0.6),)}, ["margin, model: skill"]),
        ({"margins": (Margin("model", "skill", -0.1, 0.5, 0.6),)}, ["margin, model: skill"]),
        ({"margins": ()}, ["margin, model: skill"]),
        ({"gaps": {"skill": 0.05}}, ["reference above the best lazy solution: skill"]),
    ],
)
def test_a_domain_that_is_too_easy_or_too_hard_is_refused_by_the_figure_that_says_so(
    changes: Document, refused: list[str]
) -> None:
    rows = compare(replace(EASY, domain="own", **changes), [EASY, replace(EASY, domain="other")])
    assert [row.figure for row in rows if not row.holds] == refused


@pytest.fixture
def till(tmp_path: Path) -> Path:
    """The skeleton's project, in which a domain says how many lines come twice."""
    folder = begin_project("night-shift", tmp_path)
    data = folder / "data.py"
    data.write_text(data.read_text().replace("choice(SALES, TWICE,", "choice(SALES, domain['twice'],"))
    for path in (folder / "domains").glob("*.yaml"):
        path.write_text(path.read_text() + "twice: 25\n")
    return folder


@pytest.mark.slow
def test_a_domain_is_measured_beside_the_ready_made_ones(till: Path, tmp_path: Path) -> None:
    package, facilities = load(till), open_facilities(tmp_path / "store")
    steps: list[str] = []
    alike = KIOSK + "twice: 25\n"
    found = measure_domain(
        package, alike, facilities, [1], Sample.ALL, lambda done, number, step: steps.append(step), hands=4
    )
    assert (found.holds, found.odd, len(found.trees)) == (True, (), 10)
    assert len(steps) == 3 * 14
    easy = measure_domain(package, KIOSK + "twice: 0\n", facilities, [1], Sample.ALL, hands=4)
    assert "wrong trees caught" in [row.figure for row in easy.refused]
    assert "clean-keeps-what-came-twice: expected failed: each_sale_is_one_row, came passed" in easy.odd[0]
    looks_like_sales = alike.replace("== closed ==", "x;y;z")
    hard = measure_domain(package, looks_like_sales, facilities, [1], Sample.ONE, hands=4)
    assert not hard.holds
    assert "is refused: reference passes" in as_markdown(hard)


# --- at the command line ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_tells_faults_or_figures(till: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, page = tmp_path / "kiosk.yaml", tmp_path / "kiosk.md"
    own.write_text("shops: quay\nmost_cents: 400000\ngarbage: x\ntwice: 25\nowner: me\n")
    assert main(["domain", str(till), str(own)]) == 1
    assert capsys.readouterr().out == (
        "owner: Nobody reads this key. Remove it, or rename it: garbage, most_cents, shops, twice.\n"
        "shops: 'quay' is text. Give a list.\n"
        "most_cents: 400000 is far from what the ready-made domains have. Give from 625 to 36000.\n"
    )
    own.write_text(KIOSK + "twice: 25\n")
    assert main(["domain", str(till), str(own), "--form-only"]) == 0
    assert capsys.readouterr().out == "kiosk.yaml: no faults.\n"
    asked = ["domain", str(till), str(own), "--store", str(tmp_path / "store"), "--trees", "one"]
    assert main([*asked, "--report", str(page)]) == 0
    assert capsys.readouterr().out == (
        "This domain is as hard as the ready-made domains of night-shift: all 7 figures hold.\n\n"
        "ok      reference passes: 1 at least 1  [bakery 1, florist 1]\n"
        "ok      starter is refused: 1 at least 1  [bakery 1, florist 1]\n"
        "ok      wrong trees caught: 1 at least 1  [bakery 1, florist 1]\n"
        "ok      wrong trees told exactly: 1 at least 1  [bakery 1, florist 1]\n"
        "ok      skill gap, naive to oracle: –  []\n"
        "ok      base rate: –  []\n"
        "ok      rows of its tables: 628 at least 314 at most 1,256  [bakery 628, florist 628]\n"
    )
    assert page.read_text().splitlines()[0].endswith("is it as hard as the ready-made domains of night-shift?")
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["project"], len(told["trees"])) == (True, "night-shift", 2)
