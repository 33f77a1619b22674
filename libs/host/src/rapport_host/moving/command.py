"""`rapport migrate`: prepares the engines, drains, copies, compares, then switches. Killed at any line, it is run again.

The files are only drained: until the switch they are the truth, afterwards a backup.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol, cast

from rapport_chassis.adapters import WrongSetting, look_at
from rapport_chassis.bus.port import BusUnusable
from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_host.locking import locked
from rapport_host.moving import postgres
from rapport_host.moving.blobs import compare_blobs, copy_blobs, prepare_blobs
from rapport_host.moving.digest import Compared
from rapport_host.moving.draining import drain
from rapport_host.moving.mark import Mark, chosen_engines, read_mark
from rapport_host.moving.positions import Positions, positions_on
from rapport_host.moving.staying import reposition
from rapport_host.moving.topics import compare_topics, copy_topics, opened_bus, prepare_topics
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Misconfigured, Settings
from rapport_host.supervisor import UNAVAILABLE


def migrate(settings: Settings) -> int:
    """Move; the exit status (75: an engine is away; 1: what was copied differs). Raises `Misconfigured`."""
    try:
        with _nobody_else(settings):
            return _Move(settings).run()
    except (BusUnusable, EngineUnfit, WrongSetting) as error:
        raise Misconfigured(str(error)) from error
    except EngineUnavailable as error:
        print(f"rapport: {error}", file=sys.stderr)
        return UNAVAILABLE


@contextlib.contextmanager
def _nobody_else(settings: Settings) -> Iterator[None]:
    if not settings.bus_path.is_file() and not settings.database_path(NAMES[0]).is_file():
        raise Misconfigured(f"there is nothing to move in {settings.data}")
    names = ["up.lock", *(f"{name}.worker.lock" for name in NAMES)]
    with contextlib.ExitStack() as stack:
        for path in [*(settings.data / name for name in names), *settings.data.glob("web.*.lock")]:
            stack.enter_context(locked(path, 0))
        yield


class _Move:
    """One run of the command: from the embedded engines that are left (`source`) to those of the environment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._before = read_mark(settings.data) or Mark()
        chosen = chosen_engines(settings)
        self._engines = {
            name: where for name, where in chosen.items() if name not in self._before.moved and self._was_embedded(name)
        }
        variables = {f"RAPPORT_{name}_URL" for name in self._engines}
        self._source = replace(
            settings, env={key: value for key, value in settings.env.items() if key not in variables}
        )

    def run(self) -> int:
        if not self._engines:
            raise Misconfigured(
                "there is nothing to move: set RAPPORT_DATABASE_URL, RAPPORT_BUS_URL, RAPPORT_SEARCH_URL or "
                "RAPPORT_BLOB_URL to the engine to move to"
            )
        mark = self._before
        if mark.state == "switching":
            self._refuse_other_engines(mark)
        else:
            mark = self._begin()
            different = [one for one in self._copy() if not one.same]
            if different:
                return _said_different(different)
            mark = mark.saved(self._settings.data, state="switching")
        self._switch()
        mark.finished(self._settings.data)
        print(f"moved to {', '.join(self._engines.values())}; what is left in {self._settings.data} of it is a backup.")
        print("Start Rapport with the environment as it is now.")
        return 0

    def _was_embedded(self, name: str) -> bool:
        data = self._settings
        files = {"DATABASE": data.database_path(NAMES[0]), "BUS": data.bus_path, "BLOB": data.blobs_path}
        return name not in files or files[name].exists()

    def _refuse_other_engines(self, mark: Mark) -> None:
        if {**mark.engines} != self._engines:
            raise Misconfigured(
                f"a migration to {', '.join(mark.engines.values())} is about to finish: set just these engines"
            )

    def _begin(self) -> Mark:
        """Everything is fit and empty, and marked as this migration's, before anything is copied."""
        mark = self._before if self._before.state == "copying" else Mark(moved=self._before.moved)
        topics: dict[str, str] = {}
        if "SEARCH" in self._engines:
            asyncio.run(_refuse_used_search(self._settings))
        if "BLOB" in self._engines:
            own = mark.engines.get("BLOB") == self._engines["BLOB"]
            asyncio.run(prepare_blobs(self._settings, own=own))
        if "BUS" in self._engines:
            topics = asyncio.run(prepare_topics(self._settings, mark.topics))
        if "DATABASE" in self._engines:
            postgres.prepare_databases(self._settings, mark.id)
        mark = mark.saved(self._settings.data, engines=self._engines, topics=topics)
        if "DATABASE" in self._engines:
            postgres.claim_databases(self._settings, mark.id)
        return mark

    def _copy(self) -> list[Compared]:
        asyncio.run(drain(self._source, _say))
        if "BUS" in self._engines:
            asyncio.run(self._copy_topics())
        if "BLOB" in self._engines:
            asyncio.run(copy_blobs(self._source, self._settings, _say))
        positions = self._positions()
        compared = []
        if "DATABASE" in self._engines:
            postgres.copy_databases(self._source, self._settings, positions, _say)
            compared += postgres.compare_databases(self._source, self._settings, positions)
        if "BUS" in self._engines:
            compared += asyncio.run(self._compare_topics())
        if "BLOB" in self._engines:
            compared += asyncio.run(compare_blobs(self._source, self._settings))
        _report(compared)
        return compared

    async def _copy_topics(self) -> None:
        async with opened_bus(self._source) as source, opened_bus(self._settings) as target:
            await copy_topics(source, target, _say)

    async def _compare_topics(self) -> list[Compared]:
        async with opened_bus(self._source) as source, opened_bus(self._settings) as target:
            return await compare_topics(source, target)

    def _positions(self) -> Positions:
        refill = bool({"BUS", "SEARCH"} & self._engines.keys())
        if "BUS" not in self._engines:
            return Positions(refill=refill)
        return asyncio.run(self._new_positions(refill=refill))

    async def _new_positions(self, *, refill: bool) -> Positions:
        async with opened_bus(self._settings) as bus:
            return await positions_on(bus, refill=refill)

    def _switch(self) -> None:
        """What is left to do when nothing can go wrong any more; doing it again changes nothing."""
        if "DATABASE" in self._engines:
            postgres.release_databases(self._settings)
        else:
            asyncio.run(reposition(self._settings, self._positions()))


class _Named(Protocol):
    async def names(self) -> list[str]:
        """The indexes that are there."""


async def _refuse_used_search(settings: Settings) -> None:
    opening = load("search").adapters
    adapters = opening(settings.env, str(settings.data)) if opening else {}
    try:
        for seen in await look_at(adapters):
            if not seen.ok:
                raise EngineUnavailable(seen.detail)
        for name, adapter in adapters.items():
            if await cast("_Named", adapter).names():
                raise Misconfigured(f"the {name} has indexes with this prefix already: choose another one (?prefix=…)")
    finally:
        for adapter in adapters.values():
            await adapter.close()


def _say(words: str) -> None:
    print(words, flush=True)


def _report(compared: list[Compared]) -> None:
    if compared:
        print(f"{'':<40} {'here':>12} {'there':>12}")
    for one in compared:
        print(one)


def _said_different(different: list[Compared]) -> int:
    names = ", ".join(one.what for one in different)
    words = f"what was copied differs from what is here: {names}. Nothing was switched: the files are still the truth"
    print(f"rapport: {words}", file=sys.stderr)
    return 1
