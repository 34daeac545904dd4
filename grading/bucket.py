"""Talks to one bucket of an S3-compatible server, under one prefix. Knows not what is kept in it.

Credentials come from where the library looks for them: AWS_ACCESS_KEY_ID and its like. Every call ends: it is tried a
few times, each within bounds, and then it is a StoreDown.
"""

import base64
import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from grading.store import StoreDown, StoreFault

TRIES = 3
CONNECT_S, READ_S = 4, 15
# A server that trickles is given up: so long for any object, and a second more for each so many bytes of it.
SECONDS, BYTES_A_SECOND = 20.0, 256 * 1024
PAUSE_S = 0.2
HANDS = 8
MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_CHUNK = 1 << 20
Check = Callable[[Path], bool]


@dataclass(frozen=True, slots=True)
class Object:
    """What the server says of one object: its key below the prefix, its size, and its age by the server's own clock."""

    key: str
    size: int
    age: float


class Bucket:
    """Objects of one bucket whose keys begin with the prefix."""

    def __init__(self, name: str, prefix: str = "", endpoint: str = "", region: str = "") -> None:
        self.name, self.prefix = name, f"{prefix}/" if prefix else ""
        self.endpoint, self.region = endpoint or None, region or None
        self._clients: dict[int, Any] = {}

    def find(self, key: str) -> Object | None:
        """What is there under this key; None where nothing is."""
        with self._asking():
            try:
                told = self._client.head_object(Bucket=self.name, Key=self.prefix + key)
            except ClientError as error:
                if _is_missing(error):
                    return None
                raise
        return Object(key, told["ContentLength"], _age(told, told["LastModified"]))

    def put(self, key: str, file: Path) -> None:
        """Keep this file under the key: all of it, or nothing."""
        with file.open("rb") as content, self._asking():
            self._client.put_object(
                Bucket=self.name,
                Key=self.prefix + key,
                Body=content,
                ContentType="application/octet-stream",
                ContentMD5=_md5(content),
            )

    def get(self, key: str, into: Path, is_right: Check) -> Object:
        """Write the object into a file that is there. Raises FileNotFoundError; StoreFault when its bytes are wrong."""
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE_S * 2**number * random.uniform(0.5, 1))  # noqa: S311 - no secret
            found = self._get_once(key, into, last=number == TRIES - 1)
            if found and is_right(into):
                return found
        raise StoreFault(f"{key} came damaged out of the bucket {self.name}.")

    def list_objects(self, below: str) -> Iterator[Object]:
        """Everything whose key begins so."""
        pages = self._client.get_paginator("list_objects_v2")
        with self._asking():
            for page in pages.paginate(Bucket=self.name, Prefix=self.prefix + below):
                for told in page.get("Contents", ()):
                    yield Object(told["Key"].removeprefix(self.prefix), told["Size"], _age(page, told["LastModified"]))

    def delete(self, key: str) -> None:
        with self._asking():
            self._client.delete_object(Bucket=self.name, Key=self.prefix + key)

    def _get_once(self, key: str, into: Path, last: bool) -> Object | None:
        """The object as it came; None where the connection broke on the way and may be tried again."""
        try:
            with self._asking():
                told = self._client.get_object(Bucket=self.name, Key=self.prefix + key)
                with told["Body"] as body, into.open("wb") as file:
                    _pour(body, file, told["ContentLength"])
        except ClientError as error:
            raise FileNotFoundError(key) from error
        except StoreDown:
            if last:
                raise
            return None
        return Object(key, told["ContentLength"], _age(told, told["LastModified"]))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Faults of the server and of the way to it, as faults of the store; a key that is missing stays as it is."""
        try:
            yield
        except ClientError as error:
            if _is_missing(error):
                raise
            code = error.response.get("Error", {}).get("Code", "")
            raise StoreDown(f"The bucket {self.name} refuses: {code or error}.") from error
        except BotoCoreError as error:
            raise StoreDown(f"The bucket {self.name} cannot be reached: {error}") from error

    @property
    def _client(self) -> Any:
        # One for each process: a worker forks, and two processes that share connections read each other's answers.
        if os.getpid() not in self._clients:
            self._clients = {os.getpid(): self._connect()}
        return self._clients[os.getpid()]

    def _connect(self) -> Any:
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=2 * HANDS,
            # Servers that are not Amazon's know no other checksums; we compare digests of our own.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with self._asking():
            session = boto3.session.Session()
            region = self.region or session.region_name or "us-east-1"
            return session.client("s3", endpoint_url=self.endpoint, region_name=region, config=config)


def _pour(body: Any, file: IO[bytes], size: int) -> None:
    deadline = time.monotonic() + SECONDS + size / BYTES_A_SECOND
    while chunk := body.read(_CHUNK):
        file.write(chunk)
        if time.monotonic() > deadline:
            raise StoreDown(f"The bucket is too slow: {file.tell()} of {size} bytes came in good time.")


def _is_missing(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code", "") in MISSING


def _age(answer: dict[str, Any], changed: datetime) -> float:
    """By the server's clock on both sides: ours may be wrong."""
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return (now - changed).total_seconds()


def _md5(content: IO[bytes]) -> str:
    """What the server compares with what arrived; rewinds the file."""
    total = hashlib.md5(usedforsecurity=False)
    while chunk := content.read(_CHUNK):
        total.update(chunk)
    content.seek(0)
    return base64.b64encode(total.digest()).decode()
