"""R5: one Idempotency-Key is one effect and one answer: at once, again, and after everything was killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rapport_testkit.installation import installed
from tests.chaos.killing import rows

TOGETHER = 50


@pytest.mark.timeout(240)
async def test_fifty_at_once_and_one_after_a_kill_are_one_effect_with_one_answer(tmp_path: Path) -> None:
    """R5."""
    async with installed(
        tmp_path / "data", {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    ) as installation:
        client = await installation.client()
        group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
        body = {"kind": "person", "first_name": "Once", "groups": [group]}
        key = {"headers": {"idempotency-key": "the-same"}}
        answers = await asyncio.gather(*(client.call("POST", "/customers", json=body, **key) for _ in range(TOGETHER)))
        assert {(one.status_code, one.content, one.headers["etag"]) for one in answers} == {
            (201, answers[0].content, answers[0].headers["etag"])
        }
        assert rows(installation, "customers", "SELECT count(*) FROM customers") == [(1,)]

        await installation.kill_everything()
        installation.start()
        await installation.until_ready()
        again = await client.call("POST", "/customers", json=body, **key)
        assert (again.status_code, again.content) == (201, answers[0].content)
        other = await client.call("POST", "/customers", json=body | {"first_name": "Another"}, **key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert rows(installation, "customers", "SELECT count(*) FROM customers") == [(1,)]
