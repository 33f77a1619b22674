"""On which engines tests run: `ENGINES=real` takes real ones, started when first needed; otherwise the embedded default."""

from __future__ import annotations

import asyncio
import atexit
import os
import zlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics, remove_topics
from rapport_contracts.topics import ALL
from rapport_host.roles import NAMES
from rapport_testkit.command import run_rapport
from rapport_testkit.engines import running
from rapport_testkit.engines.leftovers import drop_database, drop_indexes
from rapport_testkit.engines.s3 import CREDENTIALS

REAL = os.environ.get("ENGINES") == "real"
EMBEDDED = dict.fromkeys(("RAPPORT_BUS_URL", "RAPPORT_DATABASE_URL", "RAPPORT_SEARCH_URL", "RAPPORT_BLOB_URL"), "")
"""What `rapport` is told by a test of what only the embedded default has (its files), whatever the run is on."""


def bus_url(data: Path) -> str:
    """The bus of the installation in `data`, always the same."""
    if not REAL:
        return f"embedded:{data / 'bus.sqlite'}"
    return kafka_url(data)


def kafka_url(data: Path) -> str:
    """Kafka, with topics of the installation in `data`, made when they are missing."""
    url = f"{running('kafka').url}?prefix=data-{_mark(data)}."
    _run(apply_topics(KafkaSettings.from_url(url)))
    return url


def throw_log_away(data: Path) -> None:
    """What is on the bus of the installation in `data` is lost; `bus_url` makes it anew. Nobody may be connected."""
    if REAL:
        _run(remove_topics(KafkaSettings.from_url(kafka_url(data)), ALL))
    for file in data.glob("bus.sqlite*"):
        file.unlink()


def _run(work: Coroutine[Any, Any, object]) -> None:
    """To its end, in a thread: whoever asks may be in an event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def environment(data: Path) -> dict[str, str]:
    """What `rapport` on `data` is told about engines."""
    return engines_of(data) if REAL else {}


@cache
def engines_of(data: Path) -> dict[str, str]:
    """PostgreSQL, Kafka, OpenSearch and S3 for `data`, whatever the run is on: databases, topics, indexes and blobs of its own.

    Databases and topics are made when they are missing. Databases and indexes go with this process.
    """
    env = {
        "RAPPORT_BUS_URL": kafka_url(data),
        "RAPPORT_DATABASE_URL": database_url(data),
        "RAPPORT_SEARCH_URL": search_url(data),
        "RAPPORT_BLOB_URL": s3_url(data),
        **CREDENTIALS,
    }
    atexit.register(drop_indexes, env["RAPPORT_SEARCH_URL"])
    for name in NAMES:
        atexit.register(drop_database, env["RAPPORT_DATABASE_URL"].format(service=name))
    made = run_rapport("databases", "apply", data=data, **env)
    assert made.returncode == 0, made.stderr
    return env


def database_url(data: Path) -> str:
    """Where the PostgreSQL databases of the installation in `data` are, `{service}` standing for each, as `rapport` takes it."""
    return f"{running('postgres').url.rpartition('/')[0]}/data_{_mark(data)}_{{service}}"


def search_url(data: Path) -> str:
    """OpenSearch, with indexes of the installation in `data`."""
    return f"{running('opensearch').url}?prefix=data_{_mark(data)}"


def blob_url(data: Path) -> str:
    """The blob store of the installation in `data`; on S3 `CREDENTIALS` are let in."""
    return s3_url(data) if REAL else f"file:{data / 'blobs'}"


def s3_url(data: Path) -> str:
    """S3, with a prefix of the installation in `data`."""
    return running("s3").url.replace("?", f"/data-{_mark(data)}?")


def _mark(data: Path) -> str:
    """Tells the installations of a test run's engines apart."""
    return f"{zlib.crc32(str(data).encode()):08x}"
