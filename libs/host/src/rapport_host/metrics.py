"""`/metrics` on a port of its own a process: every service's registry in one answer, told apart by the label `service`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from rapport_chassis.telemetry import Metrics
from rapport_host.roles import ROLES, WORKERS
from rapport_host.settings import Settings

_log = logging.getLogger(__name__)


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


def _place(names: Sequence[str]) -> int:
    mine = [role for role, services in WORKERS.items() if tuple(names) == services]
    return ROLES.index(mine[0]) if mine else 0


@contextlib.contextmanager
def exposed(settings: Settings, names: Sequence[str], services: Mapping[str, Metrics]) -> Iterator[None]:
    """Serve them: `RAPPORT_METRICS_PORT` for web, the next ones for the workers; without it not at all."""
    if settings.metrics_port is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(Together(services))
    port = settings.metrics_port + _place(names)
    try:
        server, thread = start_http_server(port, settings.host, registry)
    except OSError as error:
        _log.warning("metrics are not served: %s", error, extra={"port": port})
        yield
        return
    yield
    server.shutdown()
    server.server_close()
    thread.join()
