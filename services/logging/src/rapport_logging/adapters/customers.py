"""The customers service as `Sight`: which customers a caller may see. Who is unknown there, or hidden, does not exist here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from rapport_chassis.auth import Caller
from rapport_chassis.peers import PeerRefused, Peers

_AT_ONCE: Final = 100
_REFUSED: Final = frozenset({401, 403, 404, 422})  # not allowed to ask, or no id at all


class CustomersSight:
    """Asks `POST /internal/customers/visible`, at most a hundred ids a call."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def visible(self, caller: Caller, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that the caller may see. Raises `EngineUnavailable` when customers does not answer."""
        once = list(dict.fromkeys(ids))
        parts = [once[start : start + _AT_ONCE] for start in range(0, len(once), _AT_ONCE)]
        answers = await asyncio.gather(*(self._ask(caller, part) for part in parts))
        return set().union(*answers)

    async def _ask(self, caller: Caller, ids: Sequence[str]) -> set[str]:
        try:
            reply = await self._peers.get("customers").request(
                "POST", "/internal/customers/visible", json={"ids": list(ids)}, caller=caller
            )
        except PeerRefused as refused:
            if refused.status in _REFUSED:
                return set()
            raise
        return {item["id"] for item in reply.json["items"]}
