"""The world of Chargeback Watch: the contract of its files, and the same bytes on every machine."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from grading.authors import load_module
from worlds.seeds import Seed

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/chargeback-watch"
SMALL = 250
TABLES = ("merchants", "customers", "contracts", "rates", "disputes")

MAKE = f"""
import sys, yaml
from pathlib import Path
from grading.authors import load_module
from worlds.seeds import Seed
domain = yaml.safe_load(Path({str(PROJECT / "domains/payments.yaml")!r}).read_text())
domain["world"]["entities"]["customer"]["rows"] = {SMALL}
out = Path(sys.argv[1])
load_module(Path({str(PROJECT / "data.py")!r})).generate(Seed(4, 9), domain, out / "raw", out / "truth")
"""


@pytest.fixture(scope="module")
def generate() -> Callable:
    data = load_module(PROJECT / "data.py")
    domain = yaml.safe_load((PROJECT / "domains/payments.yaml").read_text())
    domain["world"]["entities"]["customer"]["rows"] = SMALL
    return lambda seed, out: data.generate(seed, domain, out / "raw", out / "truth")


@pytest.fixture(scope="module")
def world(generate: Callable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    assert generate(Seed(4, 9), out) == {"as_of": "2024-05-30T00:00:00Z"}
    return out


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def table(world: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(world / "truth" / f"{name}.parquet")


def meta(world: Path) -> dict:
    return json.loads((world / "truth/meta.json").read_text())


def test_two_processes_with_other_hash_seeds_make_the_same_bytes(world: Path, tmp_path: Path) -> None:
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT), "TZ": f"UTC-{number}"}
        subprocess.run([sys.executable, "-c", MAKE, str(tmp_path / number)], env=environment, cwd=tmp_path, check=True)
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(world)


def test_truth_has_its_tables(world: Path) -> None:
    assert {path.name for path in (world / "truth").iterdir()} == {
        *(f"{name}.parquet" for name in ("transactions", "merchants", "customers", "contracts", "fx", "disputes")),
        *(f"stream_{name}.parquet" for name in ("quiet", "unit", "population", "cause")),
        *("labels_to_come.parquet", "defects.parquet", "meta.json"),
    }
    assert set(table(world, "defects").dtypes.astype(str)) == {"str"}
    sales = table(world, "transactions")
    assert sales["txn_id"].is_unique
    assert sales["oracle_p"].notna().tolist() == sales["hidden"].tolist()
    assert sales["disputed_at"].notna().tolist() == (sales["y"] == 1).tolist()


def test_lines_and_rejects_are_those_in_the_files(world: Path) -> None:
    for path in (world / "raw").glob("transactions_*.gz"):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        assert meta(world)["lines"][path.name] == len(lines)
        assert meta(world)["rejects"][path.name] == sum(not _is_record(line) for line in lines)
    assert sum(meta(world)["rejects"].values()) == 3


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except json.JSONDecodeError:
        return False


def test_every_sale_arrives_and_its_valid_message_is_the_one_received_last(world: Path) -> None:
    files = [gzip.decompress(path.read_bytes()).decode() for path in (world / "raw").glob("*.gz")]
    lines = [line for text in files for line in text.splitlines()]
    messages = [json.loads(line) for line in lines if _is_record(line)]
    sales = [m for m in messages if m.get("type", m.get("kind")) == "sale" and "c_000000" not in str(m)]
    sales.sort(key=lambda message: message["received_at"])
    last = {message.get("txn_id", message.get("id")): message["state"] for message in sales}
    defects = table(world, "defects")
    retried = set(defects.loc[defects["kind"] == "retried_sale", "record_id"])
    assert set(last) - retried == set(table(world, "transactions")["txn_id"])
    assert set(last.values()) == {"captured"}


def test_at_least_thirty_kinds_of_defects_are_planted(world: Path) -> None:
    assert table(world, "defects")["kind"].nunique() >= 30


@pytest.mark.parametrize("business", ["payments", "marketplace", "travel"])
def test_the_dictionaries_name_all_fields_and_give_no_secret_away(business: str, tmp_path: Path) -> None:
    domain = yaml.safe_load((PROJECT / f"domains/{business}.yaml").read_text())
    domain["world"]["entities"]["customer"]["rows"] = 60
    load_module(PROJECT / "data.py").generate(Seed(5, 6), domain, tmp_path / "raw", tmp_path / "truth")
    prose = (tmp_path / "raw/data_dictionary.md").read_text()
    told = json.loads((tmp_path / "raw/dictionary.json").read_text())
    paths = {path for fields in told["messages"].values() for path in fields.values()}
    assert all(f"`{path}`" in prose for path in paths | {name for table in TABLES for name in told[table].values()})
    mechanism = meta(tmp_path)["mechanism"]
    secrets = [mechanism[name] for name in ("cents_gateway", "clock_gateway", "currency_gateway", "comma_gateway")]
    codes = (str(mechanism[name]) for name in ("sentinel", "year_sentinel"))
    secrets += [code for code in codes if len(code) > 1]  # a nought stands everywhere
    for words in (prose, json.dumps(told)):
        assert not [secret for secret in secrets if re.search(rf"(?<![\w-]){re.escape(secret)}(?!\w)", words)]


def test_nothing_of_the_hidden_month_is_told(world: Path) -> None:
    sales = table(world, "transactions")
    hidden = sales[sales["hidden"]]
    assert set(hidden["settlement"]) == {"pending"}
    assert not table(world, "disputes")["txn_id"].isin(hidden["txn_id"]).any()
    told = json.loads((world / "raw/api/disputes.json").read_text())
    assert max(item["disputed_at"] for item in told if item["status"] != "withdrawn") < meta(world)["snapshot"]


def test_a_mechanism_keeps_its_secrets_from_draw_to_draw(generate: Callable, world: Path, tmp_path: Path) -> None:
    generate(Seed(4, 10), tmp_path)
    assert meta(tmp_path)["mechanism"] == meta(world)["mechanism"]
    assert digests(tmp_path) != digests(world)


def test_the_streams_differ_from_their_change_on_and_where_it_says(world: Path) -> None:
    quiet, changes = table(world, "stream_quiet").set_index("txn_id"), meta(world)["changes"]
    week = (quiet["event_ts"] - quiet["event_ts"].min().floor("D")) // pd.Timedelta(weeks=1)
    for name, column in (("unit", "amount_eur"), ("population", "device_age_days"), ("cause", "p_true")):
        stream = table(world, f"stream_{name}").set_index("txn_id")
        differs = (stream[column] != quiet[column]) & quiet[column].notna()
        assert week[differs].min() == changes[name]["week"]
        same = [other for other in quiet if other not in (column, "y", "p_true", "disputed_at")]
        pd.testing.assert_frame_equal(stream[same], quiet[same])
    currencies = quiet["currency"][table(world, "stream_unit").set_index("txn_id")["amount_eur"] != quiet["amount_eur"]]
    assert set(currencies[quiet["amount_eur"].notna()]) == {changes["unit"]["subject"]}


def test_labels_of_the_stream_are_those_raised_before_it_ends(world: Path) -> None:
    labels = pd.read_parquet(world / "raw/stream/labels.parquet")
    sales = pd.read_parquet(world / "raw/stream/transactions.parquet")
    snapshot = pd.Timestamp(meta(world)["snapshot"])
    assert labels["disputed_at"].between(snapshot, sales["event_ts"].max().ceil("D")).all()
    assert not sales["txn_id"].isin(table(world, "transactions")["txn_id"]).any()


def test_two_hidden_sales_change_places(world: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(world / "truth", tmp_path / "truth")
    load_module(PROJECT / "data.py").move_hidden_label(copy, np.random.default_rng(1))
    before, after = (pd.read_parquet(folder / "transactions.parquet") for folder in (world / "truth", copy))
    moved = before["y"] != after["y"]
    assert moved.sum() == 2
    assert before["hidden"][moved].all()
