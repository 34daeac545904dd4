"""What load showed: however many ask at once, the web takes no more of PostgreSQL's connections than it may."""

from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import psycopg
import pytest

from config.databases import POOL, parse_database_url
from scripts.stage import set_up

COUNT = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_a_thread_of_one_request_keeps_no_connection() -> None:
    told = parse_database_url("postgresql://somebody@127.0.0.1:5432/milepost")
    assert told.get("CONN_MAX_AGE", 0) == 0
    assert told["OPTIONS"]["pool"] == POOL


@pytest.mark.services
def test_a_crowd_that_asks_at_once_leaves_room_for_others() -> None:
    with set_up("services") as stage:
        stage.start_web()
        with ThreadPoolExecutor(60) as crowd:
            answers = list(crowd.map(lambda _: urlopen(f"{stage.address}/readyz", timeout=60).status, range(300)))
        with psycopg.connect(stage.settings["DATABASE_URL"]) as database:
            [count] = database.execute(COUNT).fetchone() or (0,)
    assert set(answers) == {200}
    assert 1 <= count <= POOL["max_size"]
