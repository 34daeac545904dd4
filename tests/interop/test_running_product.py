"""What the running product signs, fetched over HTTP as a stranger fetches it, is believed by verifiers of others."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from credentials.verifying import list_needed
from people.accounts.models import User
from people.employers.models import Credential
from people.learners.models import Submission
from tests.interop.test_strangers import Stranger, Word, stranger
from tests.people.employers.conftest import judge, passed, taken

__all__ = ["judge", "passed", "stranger", "taken"]

pytestmark = [pytest.mark.slow]
ADDRESS = "https://milepost.example"


def fetch_all(client: Client, content: bytes) -> dict[str, bytes]:
    """All that verifying it needs, from this site."""
    return {url: client.get(url.removeprefix(ADDRESS)).content for url in list_needed(content, {})}


@pytest.mark.parametrize("of", ["milestone/tiny/ingest", "skill/acquire-data"])
def test_strangers_believe_what_a_learner_claimed_until_it_is_changed_or_withdrawn(
    of: str,
    stranger: Stranger,
    alice: User,
    passed: Submission,
    log_in: Callable[[User], Client],
    client: Client,
    settings: Any,
) -> None:
    settings.MILEPOST_ADDRESS = ADDRESS
    mine = log_in(alice)
    assert mine.post(f"/me/credentials/claim/{of}/", {"identity": "pseudonym"}).status_code == 302
    place = f"/me/credentials/{Credential.objects.get().uuid}"
    content = mine.get(f"{place}/badge.json").content
    document = json.loads(content)
    assert stranger(document, fetch_all(client, content)) == Word(True, True)
    forged = copy.deepcopy(document)
    forged["credentialSubject"]["result"][0]["achievedLevel"] += "4"
    assert not stranger(forged, fetch_all(client, content)).verified
    mine.post(f"{place}/withdraw/")
    word = stranger(document, fetch_all(client, content))
    assert (word.verified, word.in_force) == (True, False)
