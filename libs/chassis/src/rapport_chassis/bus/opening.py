"""Which bus a URL means; each adapter is imported only where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.bus.port import Bus
from rapport_chassis.clock import Clock


def open_bus(url: str, env: Mapping[str, str] = {}, clock: Clock | None = None) -> Bus:
    """The bus (not started) of `embedded:PATH` or `kafka://…` (`KafkaSettings`). Raises `WrongSetting` for other URLs."""
    scheme, _, rest = url.partition(":")
    if scheme == "embedded" and rest:
        from rapport_chassis.bus.embedded import EmbeddedBus

        return EmbeddedBus(Path(rest), clock)
    if scheme == "kafka":
        from rapport_chassis.bus.kafka import KafkaBus
        from rapport_chassis.bus.kafka_settings import KafkaSettings

        return KafkaBus(KafkaSettings.from_url(url, env))
    raise WrongSetting(f"RAPPORT_BUS_URL: {scheme}: is no bus; there are embedded: and kafka://")
