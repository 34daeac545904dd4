"""Linked data may be written in several ways that are signed alike. What is read must not change with that."""

import json
from typing import Any

import pytest

from credentials.verifying import verify
from tests.credentials.conftest import INDEX, NOW, Desk

VOCABULARY = "https://www.w3.org/2018/credentials#"


@pytest.mark.parametrize("name", ["credentialStatus", "evidence", "credentialSubject"])
def test_a_whole_address_in_place_of_a_term_hides_nothing(name: str, desk: Desk, document: dict[str, Any]) -> None:
    signed = desk.sign(document)
    signed[VOCABULARY + name] = signed.pop(name)
    report = verify(json.dumps(signed).encode(), desk.publish(INDEX), NOW)
    assert report.signature.code == "unsigned-term"
    assert not report.holds


@pytest.mark.parametrize("name", ["id", "type", "statusPurpose", "statusListIndex", "statusListCredential"])
def test_a_list_of_one_in_place_of_a_value_hides_no_revocation(name: str, desk: Desk, document: dict[str, Any]) -> None:
    signed = desk.sign(document)
    signed["credentialStatus"][name] = [[signed["credentialStatus"][name]]]
    signed["credentialStatus"] = [signed["credentialStatus"]]
    assert not verify(json.dumps(signed).encode(), desk.publish(INDEX), NOW).holds


def test_a_list_of_one_in_place_of_a_date_hides_no_end(desk: Desk, document: dict[str, Any]) -> None:
    signed = desk.sign({**document, "validUntil": "2026-11-30T00:00:00Z"})
    signed["validUntil"] = [signed["validUntil"]]
    report = verify(json.dumps(signed).encode(), desk.publish(), NOW)
    assert report.validity.code == "no-moment"
    assert not report.holds
