"""What the services of one process measured, as one registry: told apart by the label `service`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from rapport_chassis.telemetry import Metrics


class Together(Collector):
    """The families of several registries, each sample with its `service`."""

    def __init__(self, services: Mapping[str, Metrics]) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """One family a name."""
        families: dict[str, Metric] = {}
        for service, metrics in self._services.items():
            for found in metrics.registry.collect():
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                family.samples += [
                    Sample(one.name, {**one.labels, "service": service}, one.value, one.timestamp, one.exemplar)
                    for one in found.samples
                ]
        yield from families.values()

    def stopped(self) -> list[str]:
        """The consumers that a run of failures or a changed log stopped."""
        return sorted(
            sample.labels["consumer"]
            for metrics in self._services.values()
            for family in metrics.stopped.collect()
            for sample in family.samples
            if sample.value
        )
