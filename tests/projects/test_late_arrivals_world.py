"""The world of Late Arrivals: the contract of its files, what is hidden in them, and equal bytes on every machine."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from grading.authors import load_module
from grading.kit import expected_log_loss
from worlds.seeds import Seed

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects/late-arrivals"
DATA = load_module(PROJECT / "data.py")
FEW_ROUTES = 0.12

MAKE = f"""
import sys, yaml
from pathlib import Path
from grading.authors import load_module
from worlds.seeds import Seed
domain = yaml.safe_load(Path({str(PROJECT / "domains/newyork.yaml")!r}).read_text())
domain["mess"]["shares"]["routes"] = {FEW_ROUTES}
out = Path(sys.argv[1])
load_module(Path({str(PROJECT / "data.py")!r})).generate(Seed(4, 9), domain, out / "raw", out / "truth")
"""


@pytest.fixture(scope="module")
def domain() -> dict:
    declared = yaml.safe_load((PROJECT / "domains/newyork.yaml").read_text())
    declared["mess"]["shares"]["routes"] = FEW_ROUTES
    return declared


@pytest.fixture(scope="module")
def world(domain: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    facts = DATA.generate(Seed(4, 9), domain, out / "raw", out / "truth")
    assert facts["as_of"] == meta(out)["as_of"]
    return out


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def table(world: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(world / "truth" / f"{name}.parquet")


def meta(world: Path) -> dict:
    return json.loads((world / "truth/meta.json").read_text())


def lines_of(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def test_lines_rejects_and_digests_are_those_of_the_files(world: Path) -> None:
    paths = sorted((world / "raw").glob("flights_*.csv.gz"))
    assert [path.name for path in paths] == sorted(meta(world)["lines"])
    for path in paths:
        header, *lines = lines_of(path)
        sign = ";" if ";" in header else ","
        broken = sum(line.count(sign) != header.count(sign) for line in lines)
        assert (len(lines), broken) == (meta(world)["lines"][path.name], meta(world)["rejects"][path.name])
        assert meta(world)["sha256"][path.name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_layouts_share_no_name_and_no_order(world: Path) -> None:
    headers = {lines_of(path)[0] for path in (world / "raw").glob("flights_*.csv.gz")}
    first, second = sorted(headers, key=lambda header: ";" in header)
    assert len(headers) == 2
    assert not set(first.split(",")) & set(second.split(";"))


def test_arrivals_of_the_weeks_to_score_are_in_no_source(world: Path) -> None:
    flights = table(world, "flights")
    hidden = flights[flights["hidden"]]
    assert hidden["arr_delay_min"].isna().all()
    assert set(hidden["late"]) <= {-1, 0, 1}
    assert (hidden["sched_dep_ts"] >= pd.Timestamp(meta(world)["as_of"])).all()
    assert flights.loc[~flights["hidden"], "arr_delay_min"].notna().mean() > 0.9
    ids = set(hidden["flight_id"])
    told = [line for path in (world / "raw").glob("flights_*.csv.gz") for line in lines_of(path)]
    second = [line.split(";") for line in told if line.split(";")[0] in ids]
    assert second
    assert all(cells[12] == cells[14] == cells[15] == "" for cells in second)


def test_real_oddities_are_left_in(world: Path) -> None:
    flights, planes = table(world, "flights"), table(world, "planes")
    assert flights["dep_delay_min"].isna().any()
    assert 0.005 < (~flights["tailnum"].isin(planes["tailnum"])).mean() < 0.5
    assert planes["built"].isna().any()


def test_the_log_tells_planted_from_real(world: Path) -> None:
    log = table(world, "defects")
    assert set(log["kind"]) >= {"delay_in_seconds", "tail_variant", "departure_message", "positioning_flight"}
    seconds = log[(log["kind"] == "delay_in_seconds") & (log["column"] == "dep_delay_min")]
    assert (seconds["corrupted"].astype(float) == 60 * seconds["truth"].astype(float)).all()
    flights = table(world, "flights").set_index("flight_id")
    carriers = set(flights.loc[seconds["record_id"], "carrier"])
    assert carriers <= {meta(world)["mechanism"]["seconds_carrier"]}


def test_the_anchor_beats_the_average_on_what_happened(world: Path) -> None:
    flights = table(world, "flights")
    landed = flights[flights["hidden"] & (flights["late"] >= 0)]
    naive = np.full(len(landed), meta(world)["naive_rate"])
    assert expected_log_loss(landed["late"], landed["anchor_p"]) < expected_log_loss(landed["late"], naive)


def test_quiet_weeks_are_days_of_the_weeks_to_learn_from(world: Path) -> None:
    quiet, flights = table(world, "stream_quiet"), table(world, "flights")
    columns = ["carrier", "flight", "tailnum", "dest", "dep_delay_min", "arr_delay_min", "late"]
    clock = flights["sched_dep_ts"].dt.tz_convert("America/New_York").dt.strftime("%a %H:%M")
    learnt = flights.assign(clock=clock)[~flights["hidden"]]
    moved = quiet.assign(clock=quiet["sched_dep_ts"].dt.tz_convert("America/New_York").dt.strftime("%a %H:%M"))
    both = moved.merge(learnt[[*columns, "clock"]].drop_duplicates(), how="left", indicator=True)
    assert (both["_merge"] == "both").mean() > 0.995
    assert quiet["sched_dep_ts"].min() >= flights["sched_dep_ts"].max()
    assert not set(quiet["flight_id"]) & set(flights["flight_id"])
    assert quiet["flight_id"].is_unique


def test_the_streams_differ_from_their_change_on_and_where_it_says(world: Path) -> None:
    quiet, changes = table(world, "stream_quiet").set_index("flight_id"), meta(world)["changes"]
    week = (quiet["sched_dep_ts"] - quiet["sched_dep_ts"].min().floor("D")) / pd.Timedelta(weeks=1)
    concept = table(world, "stream_concept").set_index("flight_id")
    seconds = table(world, "stream_seconds").set_index("flight_id")
    for stream, name in ((concept, "concept"), (seconds, "seconds")):
        differs = (stream["arr_delay_min"] != quiet["arr_delay_min"]) & quiet["arr_delay_min"].notna()
        assert differs.any()
        assert week[differs].min() >= changes[name]["week"] - 0.2
    held = (concept["arr_delay_min"] - quiet["arr_delay_min"]).dropna()
    assert (held[~concept["hit"]] == 0).all()
    assert held[concept["hit"]].between(20, 59).all()
    assert set(quiet.loc[seconds["dep_delay_min"].abs() > 3000, "carrier"]) <= {
        changes["seconds"]["subject"].split()[1]
    }
    assert (concept["dep_delay_min"].fillna(0) == quiet["dep_delay_min"].fillna(0)).all()
    left = table(world, "stream_population").set_index("flight_id")
    gone = quiet[~quiet.index.isin(left.index)]
    assert set(gone["carrier"]) == {changes["population"]["subject"].split()[1]}
    pd.testing.assert_frame_equal(left, quiet.loc[left.index])


def test_the_refitted_anchor_knows_the_change_and_nothing_else(world: Path) -> None:
    flights = table(world, "stream_concept")
    assert (flights["refitted_p"] == flights["anchor_p"])[~flights["hit"]].all()
    ahead = flights[flights["hit"] & flights["hidden"] & (flights["late"] >= 0)]
    before, after = (expected_log_loss(ahead["late"], ahead[name]) for name in ("anchor_p", "refitted_p"))
    assert after < before


def test_arrivals_of_the_weeks_ahead_are_in_no_source(world: Path) -> None:
    told = pd.read_parquet(world / "raw/stream/flights.parquet")
    ahead = table(world, "stream_concept").set_index("flight_id")["hidden"][told["flight_id"]].to_numpy()
    assert told.loc[ahead, ["arr_delay_min", "air_time_min"]].isna().all(axis=None)
    assert told.loc[~ahead, "arr_delay_min"].notna().mean() > 0.9
    assert not {"hidden", "late", "anchor_p", "hit", "refitted_p"} & set(told)


def test_moving_a_hidden_label_exchanges_two_and_keeps_all_sums(world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "truth", tmp_path / "truth")
    DATA.move_hidden_label(tmp_path / "truth", np.random.default_rng(3))
    before, after = table(world, "flights"), table(tmp_path, "flights")
    moved = before["late"] != after["late"]
    assert moved.sum() == 2
    assert before.loc[moved, "hidden"].all()
    assert before["late"].sum() == after["late"].sum()
    pd.testing.assert_frame_equal(before.drop(columns="late"), after.drop(columns="late"))


def test_one_learner_keeps_the_airport_and_sees_other_weeks(domain: dict) -> None:
    pieces = [DATA.cut_slice(domain["mess"], Seed(4, draw)) for draw in range(6)]
    assert len({piece.secrets for piece in pieces}) == 1
    assert len({piece.piece.first_day for piece in pieces}) > 3
    assert len({DATA.draw_secrets(domain["mess"], Seed(n, 0)).origin for n in range(12)}) == 3


@pytest.mark.slow
def test_two_processes_with_other_hash_seeds_make_the_same_bytes(world: Path, tmp_path: Path) -> None:
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT), "TZ": f"UTC-{number}"}
        subprocess.run([sys.executable, "-c", MAKE, str(tmp_path / number)], env=environment, cwd=tmp_path, check=True)
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(world)
