"""What messaging's worker does all the time: send, ask about lost ones, deliver in the sandbox, settle jobs, forget previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from rapport_chassis.service import Periodic, Runtime
from rapport_messaging.application import sandbox, send
from rapport_messaging.application.deliver import Dispatcher
from rapport_messaging.application.ports import SmsProvider
from rapport_messaging.application.reconcile import Reconciler
from rapport_messaging.config import Config
from rapport_messaging.store import audiences, sending
from rapport_messaging.store import sandbox as phones

_PREVIEWS_KEPT = timedelta(hours=24)
_LEDGERS_KEPT = timedelta(days=90)
_SANDBOX_KEPT = timedelta(days=30)


def tasks(
    runtime: Runtime, config: Config, providers: Mapping[str, SmsProvider], usual: SmsProvider
) -> Sequence[Periodic]:
    """The worker's tasks; messages go out through `usual`, and are asked for at whichever of `providers` had them."""
    db, clock = runtime.db, runtime.clock
    reconciler = Reconciler(db, clock, providers, usual.name, config.pacing)

    async def dispatch() -> None:
        if runtime.sole_worker:  # whoever was sending is gone with its process
            await db.write(sending.lose, config.pacing.settle, all_leases=True)
        dispatcher = Dispatcher(db, clock, usual, config.pacing, runtime.metrics)
        try:
            await dispatcher.run()
        finally:
            await usual.close()

    async def settle_jobs() -> None:
        if running := await db.read(sending.jobs_to_settle, send.JOB):
            await db.write(send.settle_jobs, running)
        if await db.read(sending.anything_to_cancel):
            await db.write(sending.cancel_queued)
        runtime.metrics.provider_queue.labels(usual.name).set(await db.read(sending.waiting))

    async def forget() -> None:
        now = clock.now()
        while await db.write(audiences.forget_old, now - _PREVIEWS_KEPT, now - _LEDGERS_KEPT):
            pass
        while await db.write(phones.forget_old, now - _SANDBOX_KEPT):
            pass

    return [
        Periodic("dispatch", 0.1, dispatch),
        Periodic("reconcile", 0.5, reconciler.once),
        Periodic("sandbox", 0.2, lambda: sandbox.deliver_due(db, clock), quiet_seconds=2),
        Periodic("settle-jobs", 0.5, settle_jobs, quiet_seconds=5),
        Periodic("retention", 3_600, forget),
    ]
