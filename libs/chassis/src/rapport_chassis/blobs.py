"""The blob store port: files that services hand to each other by key."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

_PART: Final = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"  # begins with no dot: such names are the adapters' own
_KEY: Final = re.compile(rf"{_PART}(/{_PART}){{0,4}}")


class BlobMissing(Exception):  # noqa: N818
    """There is no blob under this key."""


class Blobs(Protocol):
    """Blobs by key (`imports/<id>/file`). A blob is there whole or not at all, and durable when `put` returns.

    A key is up to five names with `/` between them, and none of them is a blob and a folder at once; others are refused with
    `ValueError`. Every method may raise `EngineUnavailable`.
    """

    async def start(self) -> None:
        """See that it is there and can be written. Raises `EngineUnavailable`, or `EngineUnfit` with what to change."""

    async def close(self) -> None:
        """Let go of it."""

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> int:
        """Store `content` under `key` (replacing); its size in bytes."""

    async def get(self, key: str) -> bytes:
        """The whole content. Raises `BlobMissing`."""

    async def size(self, key: str) -> int:
        """How many bytes it has. Raises `BlobMissing`."""

    def open(self, key: str) -> AsyncIterator[bytes]:
        """The content in chunks. Raises `BlobMissing`."""

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """A file with the content, to be read by this process and its children. Raises `BlobMissing`."""

    async def delete(self, key: str) -> None:
        """Remove it; a missing one is fine."""

    async def delete_prefix(self, prefix: str) -> None:
        """Remove all below `prefix`, which ends with `/`, and what killed processes left half put there."""


def checked_key(key: str) -> str:
    """The key, which cannot lead out of the store. Raises `ValueError` for what is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a blob key: {key!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """The prefix of a folder of blobs. Raises `ValueError` for what is none: nothing else may be emptied."""
    if not prefix.endswith("/") or not _KEY.fullmatch(prefix[:-1]):
        raise ValueError(f"not a prefix of blob keys: {prefix!r}")
    return prefix


def open_blobs(url: str, env: Mapping[str, str] = {}) -> Blobs:
    """The store (not started) of `file:FOLDER` or `s3://…` (`S3Settings`). Raises `WrongSetting`."""
    if url.startswith("s3:"):
        from rapport_chassis.s3 import S3Blobs
        from rapport_chassis.s3_settings import S3Settings

        return S3Blobs(S3Settings.from_url(url, env))
    from rapport_chassis.folder_blobs import FolderBlobs

    return FolderBlobs(Path(url.removeprefix("file:")))
