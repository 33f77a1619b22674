"""On which engines tests run: `ENGINES=real` takes real ones, started when first needed; otherwise the embedded default."""

from __future__ import annotations

import asyncio
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics
from rapport_testkit.engines import running

REAL = os.environ.get("ENGINES") == "real"


def bus_url(data: Path) -> str:
    """The bus of the installation in `data`, always the same; on Kafka its topics are made when they are missing."""
    if not REAL:
        return f"embedded:{data / 'bus.sqlite'}"
    url = f"{running('kafka').url}?prefix=data-{zlib.crc32(str(data).encode()):08x}."
    with ThreadPoolExecutor(1) as pool:  # whoever asks may be in an event loop
        pool.submit(asyncio.run, apply_topics(KafkaSettings.from_url(url))).result()
    return url


def environment(data: Path) -> dict[str, str]:
    """What `rapport` on `data` is told about engines."""
    return {"RAPPORT_BUS_URL": bus_url(data)} if REAL else {}
