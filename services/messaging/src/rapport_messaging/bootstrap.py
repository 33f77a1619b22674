"""The only place where messaging's parts meet."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.middleware import Middleware

from rapport_chassis.http import create_app
from rapport_chassis.outbox import Relay
from rapport_chassis.service import Runtime, Service, Worker
from rapport_contracts import topics
from rapport_messaging.adapters.sandbox import SandboxSmsProvider
from rapport_messaging.adapters.twilio_hooks import TwilioWebhooks
from rapport_messaging.application import send
from rapport_messaging.application.gather import Gather
from rapport_messaging.application.ports import SmsProvider
from rapport_messaging.application.receive import receive
from rapport_messaging.application.restored import start_held
from rapport_messaging.config import Config
from rapport_messaging.entrypoints.consumers import CONSUMERS
from rapport_messaging.entrypoints.http import consent, messages, sandbox, templates
from rapport_messaging.entrypoints.http.parts import Parts
from rapport_messaging.entrypoints.http.webhooks import WebhookDoor
from rapport_messaging.entrypoints.jobs import SendMessages
from rapport_messaging.entrypoints.tasks import tasks
from rapport_messaging.store import messages as stored
from rapport_messaging.store import reports
from rapport_messaging.store.tables import metadata


def build_web(runtime: Runtime) -> FastAPI:
    """The HTTP application."""
    config = Config.of(runtime.env)
    routers = [messages.router, templates.router, consent.router, sandbox.router]
    app = create_app(runtime, routers, title="Rapport: messaging")
    token = config.twilio.auth_token if config.twilio else None
    parts = app.state.messaging = Parts(
        config=config,
        webhooks=TwilioWebhooks(token, config.public_url, lambda: runtime.directory.settings.region),
        reports=Gather(runtime.db, reports.apply),
        incoming=Gather(runtime.db, receive),
    )
    app.user_middleware.append(
        Middleware(WebhookDoor, parts)
    )  # innermost: within traces and metrics, before the routes
    return app


def build_worker(runtime: Runtime) -> Worker:
    """The relay of messaging.messages.v1, the copies, the sending job and the tasks that send."""
    config = Config.of(runtime.env)
    providers: dict[str, SmsProvider] = {SandboxSmsProvider.name: SandboxSmsProvider(runtime.db)}
    usual = providers[SandboxSmsProvider.name]
    if config.twilio:
        from rapport_messaging.adapters.twilio import TwilioSmsProvider  # it brings an HTTP client

        usual = TwilioSmsProvider(config.twilio, config.public_url, config.pacing.together)
        providers[usual.name] = usual
    return Worker(
        relay=Relay({topics.MESSAGES: stored.documents}),
        consumers=CONSUMERS,
        jobs={send.JOB: SendMessages(runtime, config)},
        tasks=tasks(runtime, config, providers, usual),
    )


SERVICE = Service(
    name="messaging",
    metadata=metadata,
    migrations="rapport_messaging.migrations",
    web=build_web,
    worker=build_worker,
    on_restore=start_held,
)
