"""`rapport topics apply`: makes the topics that Kafka lacks and mends their settings; may be run again and again."""

from __future__ import annotations

import asyncio
import sys

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.bus.port import BusUnusable
from rapport_chassis.db import EngineUnavailable
from rapport_host.settings import Misconfigured, Settings
from rapport_host.supervisor import UNAVAILABLE


def apply(settings: Settings) -> int:
    """Apply, saying what was done; the exit status (75: Kafka is away). Raises `Misconfigured`."""
    from rapport_chassis.bus.kafka_settings import KafkaSettings
    from rapport_chassis.bus.kafka_topics import apply_topics

    if not settings.bus_url.startswith("kafka:"):
        raise Misconfigured("RAPPORT_BUS_URL names no Kafka; the embedded bus makes its topics by itself")
    try:
        done = asyncio.run(apply_topics(KafkaSettings.from_url(settings.bus_url, settings.env)))
    except (BusUnusable, WrongSetting) as error:
        raise Misconfigured(str(error)) from error
    except EngineUnavailable as error:
        print(f"rapport: {error}", file=sys.stderr)
        return UNAVAILABLE
    for line in done or ["all topics are as they must be"]:
        print(line)
    return 0
