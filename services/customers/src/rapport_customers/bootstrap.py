"""The only place where the parts of customers meet."""

from __future__ import annotations

from fastapi import FastAPI

from rapport_chassis.http import create_app
from rapport_chassis.outbox import Relay
from rapport_chassis.service import Runtime, Service, Worker
from rapport_contracts import topics
from rapport_customers.entrypoints.consumers import ImportBatches
from rapport_customers.entrypoints.http import custom_fields, customers, groups, internal, lists
from rapport_customers.entrypoints.jobs import FreshKeys, ReplaceGroup, retention
from rapport_customers.store import customers as stored_customers
from rapport_customers.store import definitions, replacing
from rapport_customers.store.tables import metadata


def build_web(runtime: Runtime) -> FastAPI:
    """The HTTP app."""
    routers = [customers.router, groups.router, custom_fields.router, lists.router, internal.router]
    return create_app(runtime, routers, title="Customers")


def build_worker(runtime: Runtime) -> Worker:
    """What runs in the background."""
    return Worker(
        relay=Relay(
            {topics.CUSTOMERS: stored_customers.read_documents, topics.DEFINITIONS: definitions.read_documents}
        ),
        consumers=[ImportBatches(runtime.blobs, runtime.directory).consumer()],
        jobs={replacing.KIND: ReplaceGroup(runtime.db)},
        tasks=[retention(runtime.db), FreshKeys(runtime.db).task()],
    )


SERVICE = Service(
    name="customers",
    metadata=metadata,
    migrations="rapport_customers.migrations",
    web=build_web,
    worker=build_worker,
    uses_blobs=True,
)
