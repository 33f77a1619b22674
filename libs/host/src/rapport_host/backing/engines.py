"""What is on Kafka and S3, copied after the instant: what it takes is not removed within an hour (ADR 0166)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rapport_chassis.blobs import BlobMissing, open_blobs
from rapport_chassis.bus.embedded_copy import CopiedLog
from rapport_chassis.bus.port import Bus, TopicPartition
from rapport_chassis.folder_blobs import FolderBlobs
from rapport_contracts.envelope import Message
from rapport_contracts.topics import ALL, Topic
from rapport_host.moving.blobs import keys_in_bucket, keys_in_folder
from rapport_host.settings import Settings

Ends = Mapping[TopicPartition, int]
_TOGETHER = 2_000


async def ends_of(bus: Bus) -> Ends:
    """Where every log ends."""
    return {TopicPartition(topic.name, number): end for topic in ALL for number, end in (await bus.ends(topic)).items()}


async def copy_log(bus: Bus, path: Path, ends: Ends) -> CopiedLog:
    """Every record before `ends`, in a file of the embedded bus."""
    incarnations = {topic.name: await bus.incarnation(topic) for topic in ALL}
    copied = CopiedLog(path, incarnations, datetime.now(UTC))
    for topic in ALL:
        async for messages in _before(bus, topic, ends):
            copied.append(messages)
    copied.finish(ends)
    return copied


async def _before(bus: Bus, topic: Topic, ends: Ends) -> AsyncIterator[list[Message]]:
    at = {TopicPartition(topic.name, number): start for number, start in (await bus.starts(topic)).items()}
    while left := {place: here for place, here in at.items() if here < ends[place]}:
        messages = await bus.read(left, _TOGETHER)
        if not messages:
            return  # what is left, no reader sees
        yield [one for one in messages if one.offset < ends[TopicPartition(one.topic, one.partition)]]
        at |= {TopicPartition(one.topic, one.partition): one.offset + 1 for one in messages}


async def copy_bucket(settings: Settings, folder: Path) -> None:
    """Every blob below the prefix, as files of the same keys; what `folder` has already stays: blobs are never rewritten.

    One that is removed before it is copied is left out.
    """
    bucket, files = open_blobs(settings.blob_url, settings.env), FolderBlobs(folder)
    here = set(keys_in_folder(folder))
    try:
        for key in await asyncio.to_thread(keys_in_bucket, settings):
            if key in here:
                continue
            with contextlib.suppress(BlobMissing):
                await files.put(key, bucket.open(key))
    finally:
        await bucket.close()
