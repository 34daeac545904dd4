"""What pages are dressed in comes by every door, and nothing but that costs a loop of its own."""

import asyncio
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client

from frontend.static_files import serve_static

SCRIPT = "frontend/editor.js"
ADDRESS = f"/static/{SCRIPT}"


@pytest.fixture
def whole() -> bytes:
    return Path(str(finders.find(SCRIPT))).read_bytes()


def test_a_file_is_handed_out_whole_and_may_be_kept_a_while(whole: bytes) -> None:
    response = Client().get(ADDRESS)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "max-age=60, public")
    assert b"".join(response) == whole


def test_under_asgi_it_is_the_same_file(whole: bytes) -> None:
    async def fetch() -> bytes:
        response = await AsyncClient().get(ADDRESS)
        return b"".join([part async for part in response])

    assert asyncio.run(fetch()) == whole


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/static/nothing.css", "/static/../manage.py", "/static/%2e%2e/manage.py"])
def test_what_is_no_such_file_is_not_found(address: str) -> None:
    assert Client().get(address).status_code == 404


def test_other_requests_pass_in_the_thread_that_they_came_in() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return HttpResponse(request.path_info)

    request = HttpRequest()
    request.path_info = "/tracks/"
    assert serve_static(answer)(request).content == b"/tracks/"
