"""Blobs: from the folder into a bucket that is empty below its prefix, read again on both sides."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from rapport_chassis.blobs import Blobs, open_blobs
from rapport_chassis.folder_blobs import FolderBlobs
from rapport_chassis.s3_errors import told
from rapport_chassis.s3_settings import S3Settings
from rapport_host.moving.digest import Compared, Digest
from rapport_host.settings import Misconfigured, Settings


async def prepare_blobs(settings: Settings, *, own: bool) -> None:
    """See that the bucket can be used and is empty below the prefix; what is this migration's `own` is removed.

    Raises `Misconfigured` when somebody else has put blobs there, `WrongSetting`, `EngineUnfit`, `EngineUnavailable`.
    """
    target = open_blobs(settings.blob_url, settings.env)
    await target.start()
    try:
        there = await asyncio.to_thread(keys_in_bucket, settings)
        if there and not own:
            raise Misconfigured("the bucket is not empty below its prefix: move to another prefix (s3://bucket/prefix)")
        for key in there:
            await target.delete(key)
    finally:
        await target.close()


async def copy_blobs(source: Settings, settings: Settings, say: Callable[[str], None]) -> None:
    """Put every blob of the folder under the same key."""
    folder, target = FolderBlobs(source.blobs_path), open_blobs(settings.blob_url, settings.env)
    keys = list(keys_in_folder(source.blobs_path))
    for key in keys:
        await target.put(key, folder.open(key))
    await target.close()
    say(f"copied {len(keys):,} blobs")


async def compare_blobs(source: Settings, settings: Settings) -> list[Compared]:
    """All blobs of both sides: keys, sizes and contents."""
    folder, target = FolderBlobs(source.blobs_path), open_blobs(settings.blob_url, settings.env)
    here = await _digest(folder, list(keys_in_folder(source.blobs_path)))
    there = await _digest(target, await asyncio.to_thread(keys_in_bucket, settings))
    await target.close()
    return [Compared("blobs", here, there)]


async def _digest(blobs: Blobs, keys: list[str]) -> Digest:
    found = Digest()
    for key in keys:
        content, size = hashlib.sha256(), 0
        async for piece in blobs.open(key):
            content.update(piece)
            size += len(piece)
        found.add((key, size, content.hexdigest()))
    return found


def keys_in_folder(folder: Path) -> Iterator[str]:
    """The keys of all blobs in a folder of them."""
    for at, _, names in os.walk(folder):
        yield from ((Path(at) / name).relative_to(folder).as_posix() for name in names if not name.startswith("."))


def keys_in_bucket(settings: Settings) -> list[str]:
    """The keys of all blobs below the prefix. Raises `EngineUnavailable`, `EngineUnfit`."""
    s3 = S3Settings.from_url(settings.blob_url, settings.env)
    with told(s3.shown), contextlib.closing(s3.client()) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=s3.bucket, Prefix=s3.prefix)
        return [one["Key"].removeprefix(s3.prefix) for page in pages for one in page.get("Contents", ())]
