"""Talks to one Milepost server. Turns every answer that is not what was asked for into a Trouble."""

from collections.abc import Callable
from typing import IO, Any

import httpx

from milepost import __version__
from milepost.troubles import Refused, Unreachable

SECONDS = httpx.Timeout(30.0, connect=10.0)
AGENT = f"milepost/{__version__}"
# Another way to the server than the network.
transport: httpx.BaseTransport | None = None

Answer = dict[str, Any]


class Server:
    """A server at one address, as the owner of one token sees it."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        headers = {"User-Agent": AGENT, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(base_url=address, headers=headers, timeout=SECONDS, transport=transport)

    def get(self, path: str, **params: str | int) -> Answer:
        return self._ask("GET", path, params=params)

    def post(self, path: str, json: object = None, files: Any = None) -> Answer:
        return self._ask("POST", path, json=json, files=files)

    def list(self, path: str, **params: str | int) -> list[Answer]:
        """The first 200 entries of a list."""
        found: list[Answer] = self.get(path, limit=200, **params)["results"]
        return found

    def download(self, path: str, into: IO[bytes], on_bytes: Callable[[int, int], None]) -> None:
        """Write the answer into a file; `on_bytes` is told how many have come, and of how many."""
        try:
            with self._http.stream("GET", path) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise self._trouble(response)
                total = int(response.headers.get("Content-Length", 0))
                for chunk in response.iter_bytes():
                    into.write(chunk)
                    on_bytes(response.num_bytes_downloaded, total)
        except httpx.HTTPError as lost:
            raise self._unreachable(lost) from lost

    def _ask(self, method: str, path: str, **request: Any) -> Answer:
        try:
            response = self._http.request(method, path, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as lost:
            raise self._unreachable(lost) from lost
        if not response.is_success:
            raise self._trouble(response)
        return self._read(response)

    def _read(self, response: httpx.Response) -> Answer:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._stranger(response)
        return answer

    def _trouble(self, response: httpx.Response) -> Refused | Unreachable:
        if response.is_server_error:
            return Unreachable(
                f"{self.address} had a fault of its own ({response.status_code}); nothing is wrong with your work.",
                "Try again in a while.",
                "server-fault",
            )
        if response.is_redirect:
            target = response.headers.get("Location", "")
            return Refused(f"{self.address} sends us on to {target}.", "Log in at that address instead.", "moved")
        problem = self._read(response)
        if "detail" not in problem or "code" not in problem:
            return self._stranger(response)
        return Refused(str(problem["detail"]), str(problem.get("remedy", "")), str(problem["code"]))

    def _stranger(self, response: httpx.Response) -> Unreachable:
        return Unreachable(
            f"What answers at {self.address} ({response.status_code}) does not speak as a Milepost server does.",
            "Look at the address for a spelling mistake.",
            "not-milepost",
        )

    def _unreachable(self, lost: Exception) -> Unreachable:
        return Unreachable(
            f"{self.address} cannot be reached: {lost}.", "Look at your connection and at the address.", "unreachable"
        )
