"""The malformed requests are malformed, each in another way, whatever the valid one looks like."""

import json

import pytest

from grading.kit import Malformed, NotJson, malformed_bodies, parse_json, put, spoil_each

FLAT = {"store": "north", "horizon": 7}
NESTED = {"transaction": {"id": "t1", "amount": 12.5}, "history": [{"amount": 1.0}], "known": True, "fee": 3}


@pytest.mark.parametrize("valid", [FLAT, NESTED])
def test_there_are_at_least_two_dozen_and_none_is_the_valid_body(valid: dict[str, object]) -> None:
    bodies = malformed_bodies(valid)
    assert len(bodies) >= 24
    assert len({body.name for body in bodies}) == len({body.data for body in bodies}) == len(bodies)
    assert json.dumps(valid).encode() not in {body.data for body in bodies}


def test_each_names_the_field_that_it_spoils_at_whatever_depth() -> None:
    fields = {body.field for body in malformed_bodies(NESTED)}
    assert fields == {"", "amount", "id", "transaction", "history", "known", "fee"}


def test_what_only_careful_readers_refuse_is_among_them() -> None:
    bodies = {body.name: body.data for body in malformed_bodies(NESTED)}
    for name in ("amount: NaN", "amount: 1e999", "20,000 brackets", "transaction twice, at last null", "words"):
        with pytest.raises(NotJson):
            parse_json(bodies[name])
    assert json.loads(bodies["id: emoji"])["transaction"]["id"].startswith("🦊")
    assert len(bodies["id: a megabyte"]) > 2**20


def test_a_body_without_a_number_or_a_text_cannot_be_spoilt() -> None:
    with pytest.raises(ValueError, match="a number and a text"):
        malformed_bodies({"known": True, "name": "x"})


def test_what_a_project_knows_to_be_wrong_is_made_of_the_same_body() -> None:
    own = [("the horizon 0", "horizon", put("horizon", to=0)), ("nothing", "", lambda body: b"")]
    assert spoil_each(FLAT, own) == [
        Malformed("the horizon 0", b'{"store": "north", "horizon": 0}', "horizon"),
        Malformed("nothing", b""),
    ]
    assert FLAT["horizon"] == 7
