"""Spoilt bodies: one field is another, and the body that they were made from is as it was."""

import json

from grading.kit.bodies import leave_out, number_or_null, put, put_text

BODY = {"sale": {"amount": 2.5, "web": True}, "fee": 3}


def test_a_field_is_put_anywhere_in_a_body() -> None:
    assert put("sale", "amount", to=None)(BODY) == {"sale": {"amount": None, "web": True}, "fee": 3}
    assert put("fee", to="three")(BODY) == {"sale": {"amount": 2.5, "web": True}, "fee": "three"}
    assert BODY == {"sale": {"amount": 2.5, "web": True}, "fee": 3}


def test_a_field_is_left_out() -> None:
    assert leave_out("sale", "web")(BODY) == {"sale": {"amount": 2.5}, "fee": 3}
    assert leave_out("fee")(BODY) == {"sale": {"amount": 2.5, "web": True}}


def test_a_text_that_is_no_value_stands_in_the_bytes() -> None:
    spoilt = put_text("sale", "amount", text="1e999")(BODY)
    assert spoilt == b'{"sale": {"amount": 1e999, "web": true}, "fee": 3}'
    assert json.loads(spoilt)["sale"]["amount"] == float("inf")


def test_what_is_not_known_is_null() -> None:
    assert [number_or_null(value) for value in (2, 0.5, float("nan"))] == [2.0, 0.5, None]
