"""The only place where identity's parts meet."""

from __future__ import annotations

import sys

from fastapi import FastAPI

from rapport_chassis.http import create_app
from rapport_chassis.outbox import Relay
from rapport_chassis.service import Periodic, Runtime, Service, Worker
from rapport_contracts import topics
from rapport_identity.adapters.argon2 import Argon2Hasher
from rapport_identity.application import first_start as starting
from rapport_identity.application import retention
from rapport_identity.application.sign_in import Doorkeeper
from rapport_identity.config import read_config
from rapport_identity.entrypoints.http import api_keys, auth, internal, roles, settings, users
from rapport_identity.entrypoints.http.requests import Parts
from rapport_identity.store import documents
from rapport_identity.store.tables import metadata


def build_web(runtime: Runtime) -> FastAPI:
    """The HTTP application."""
    config = read_config(runtime.env, runtime.data)
    app = create_app(
        runtime,
        [
            auth.router,
            users.names_router,
            users.router,
            roles.router,
            api_keys.router,
            settings.router,
            internal.router,
        ],
        title="Rapport: identity",
    )
    keeper = Doorkeeper(runtime.db, Argon2Hasher(), runtime.clock, config.sessions)
    app.state.identity = Parts(keeper, config)
    return app


def build_worker(runtime: Runtime) -> Worker:
    """The relay of identity.users.v1 and the hourly clearing."""
    config = read_config(runtime.env)

    async def clear() -> None:
        await retention.purge(runtime.db, config.sessions, config.audit_kept)

    return Worker(relay=Relay({topics.USERS: documents.read}), tasks=[Periodic("retention", 3_600, clear)])


async def on_start(runtime: Runtime) -> None:
    """Make what must be there; a made first password is printed once (G1). Harmless in several processes at once."""
    preset = read_config(runtime.env).preset_password
    await runtime.db.write(starting.prepare, Argon2Hasher(), preset, _print_password)


def _print_password(password: str) -> None:
    sys.stdout.write(f"\nSign in as “master” with the one-time password: {password}\n\n")
    sys.stdout.flush()


SERVICE = Service(
    name="identity",
    metadata=metadata,
    migrations="rapport_identity.migrations",
    web=build_web,
    worker=build_worker,
    on_start=on_start,
)
