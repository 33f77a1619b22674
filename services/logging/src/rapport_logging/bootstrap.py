"""The only place where logging's parts meet."""

from __future__ import annotations

from fastapi import FastAPI

from rapport_chassis.http import create_app
from rapport_chassis.outbox import Relay
from rapport_chassis.service import Runtime, Service, Worker
from rapport_contracts import topics
from rapport_logging.adapters.customers import CustomersSight
from rapport_logging.application.publishing import entry_documents, tag_documents
from rapport_logging.application.tag_words import ensure_system_tags
from rapport_logging.entrypoints.consumers import CONSUMERS
from rapport_logging.entrypoints.http import entries, tags, timeline
from rapport_logging.store.tables import metadata


def build_web(runtime: Runtime) -> FastAPI:
    """The HTTP application."""
    app = create_app(runtime, [entries.router, timeline.router, tags.router], title="Rapport: logging")
    app.state.sight = CustomersSight(runtime.peers)
    return app


def build_worker(_runtime: Runtime) -> Worker:
    """The relay of entries and tags, and the consumers of facts and messages."""
    documents = {topics.ENTRIES: entry_documents, topics.TAGS: tag_documents}
    return Worker(relay=Relay(documents), consumers=CONSUMERS)


async def on_start(runtime: Runtime) -> None:
    """Make the system's tags that are not there yet (L5)."""
    await runtime.db.write(ensure_system_tags)


SERVICE = Service(
    name="logging",
    metadata=metadata,
    migrations="rapport_logging.migrations",
    web=build_web,
    worker=build_worker,
    on_start=on_start,
)
