"""The authenticity chains: what somebody with the database file in hands changes, shows (L1, L12)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rapport_logging.domain.chain import chain_of
from rapport_testkit.service import Standing
from rapport_testkit.timeline import CustomersFake, fact, imported, message, note, sql, timeline

INSERT = """
    INSERT INTO entries (id, kind, occurred_at, recorded_at, version, edited_version, removed, text_key, description_key,
                         delivery_version, actions, data, customer_ids)
    VALUES ('forged', 'sms_received', 1, 1, 1, 1, FALSE, '', '', 0, '[{"text": "I agree", "tags": []}]', '{}', '["c1"]')
"""
INTO_TIMELINE = "INSERT INTO entry_customers VALUES ('c1', 1, 'forged')"
LAST = "(SELECT max(position) FROM chain_links WHERE chain = :chain)"
SECOND = "(SELECT entry_id FROM chain_links WHERE chain = :chain AND position = 2)"
THIRD = SECOND.replace("2)", "3)")
FORGED_LINK = f"""
    INSERT INTO chain_links SELECT chain, position + 1, 'forged', commitment, hash FROM chain_links
    WHERE chain = :chain AND position = {LAST}
"""


@pytest.fixture
async def history(it: Standing, client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Five system entries and a note of c1, oldest first."""
    await fact(it, "created", "c1", version=1)
    await message(it, "m1", 1, body="I owe you 100", arrive=False)
    await message(it, "m2", 1, body="I owe you 200")
    await fact(it, "group_added", "c1", group_id="g1", arrive=False)
    await it.drain()
    await message(it, "m3", 1, direction="incoming", state="received", body="Paid")
    await note(client)
    return (await timeline(client))[::-1]


async def verdict(client: httpx.AsyncClient, customer: str = "c1") -> dict[str, Any]:
    answer = await client.get(f"/customers/{customer}/timeline:verify")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_an_untouched_timeline_is_valid(history: Any, client: httpx.AsyncClient) -> None:
    assert await verdict(client) == {"valid": True, "entries": 5}
    assert await verdict(client, "nobody-wrote-to-this-one") == {"valid": True, "entries": 0}


TAMPERED = {
    "a text was changed": (
        [f"UPDATE entries SET actions = replace(actions, '100', '900') WHERE id = {SECOND}"],
        (2, "content_changed"),
    ),
    "an instant was changed": ([f"UPDATE entries SET occurred_at = 5 WHERE id = {SECOND}"], (2, "content_changed")),
    "an author was changed": ([f"UPDATE entries SET recorded_by = 'me' WHERE id = {SECOND}"], (2, "content_changed")),
    "an entry was made a note": ([f"UPDATE entries SET kind = 'note' WHERE id = {SECOND}"], (2, "content_changed")),
    "only the salt is gone": ([f"UPDATE entries SET salt = NULL WHERE id = {SECOND}"], (2, "content_changed")),
    "an entry was removed": ([f"DELETE FROM entries WHERE id = {SECOND}"], (2, "entry_missing")),
    "an entry was removed with its link": (
        [
            f"DELETE FROM entry_customers WHERE entry_id = {SECOND}",
            f"DELETE FROM entries WHERE id = {SECOND}",
            "DELETE FROM chain_links WHERE chain = :chain AND position = 2",
        ],
        (2, "link_missing"),
    ),
    "the newest entry was cut off": (
        [
            f"DELETE FROM entry_customers WHERE entry_id = (SELECT entry_id FROM chain_links WHERE position = {LAST})",
            f"DELETE FROM entries WHERE id = (SELECT entry_id FROM chain_links WHERE position = {LAST})",
            f"DELETE FROM chain_links WHERE chain = :chain AND position = {LAST}",
        ],
        (5, "head_mismatch"),
    ),
    "an entry was taken out of the timeline only": (
        [f"DELETE FROM entry_customers WHERE entry_id = {SECOND}"],
        (2, "not_in_timeline"),
    ),
    "an entry was moved within the timeline": (
        [f"UPDATE entry_customers SET occurred_at = 7 WHERE entry_id = {SECOND}"],
        (2, "misplaced"),
    ),
    "two links were swapped": (
        [
            "UPDATE chain_links SET position = 99 WHERE chain = :chain AND position = 2",
            "UPDATE chain_links SET position = 2 WHERE chain = :chain AND position = 3",
            "UPDATE chain_links SET position = 3 WHERE chain = :chain AND position = 99",
        ],
        (2, "hash_mismatch"),
    ),
    "two texts were swapped": (
        [
            f"UPDATE entries SET actions = replace(actions, '100', '200') WHERE id = {SECOND}",
            f"UPDATE entries SET actions = replace(actions, '200', '100') WHERE id = {THIRD}",
        ],
        (2, "content_changed"),
    ),
    "an entry was inserted": ([INSERT, INTO_TIMELINE], (None, "not_chained")),
    "an entry was inserted with a link": (
        [
            INSERT,
            INTO_TIMELINE,
            FORGED_LINK,
        ],
        (6, "hash_mismatch"),
    ),
    "the head was set back": (["UPDATE chain_heads SET length = 4 WHERE chain = :chain"], (6, "head_mismatch")),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
async def test_tampering_shows_the_first_broken_link(
    name: str, it: Standing, client: httpx.AsyncClient, history: Any
) -> None:
    """L1."""
    statements, (position, reason) = TAMPERED[name]
    for statement in statements:
        await sql(it, statement, **({"chain": chain_of("c1")} if ":chain" in statement else {}))
    said = await verdict(client)
    assert not said["valid"]
    assert (said["broken"]["chain"], said["broken"]["position"], said["broken"]["reason"]) == (
        chain_of("c1"),
        position,
        reason,
    )


async def test_descriptions_delivery_and_user_entries_are_outside_the_chain(
    it: Standing, client: httpx.AsyncClient, history: list[dict[str, Any]]
) -> None:
    """L3: neither is part of the hash."""
    await message(it, "m1", 2, state="delivered")
    sent = next(entry for entry in history if entry["kind"] == "sms_sent")
    at = f"/log-entries/{sent['id']}/description"
    assert (await client.put(at, json={"text": "She agreed"}, headers={"if-match": '"1"'})).status_code == 200
    (written,) = [entry for entry in history if not entry["system"]]
    assert (await client.delete(f"/log-entries/{written['id']}", headers={"if-match": '"1"'})).status_code == 204
    assert await verdict(client) == {"valid": True, "entries": 5}


async def test_a_shared_entry_is_checked_in_its_first_customers_chain(it: Standing, client: httpx.AsyncClient) -> None:
    """L12: verifying a timeline checks every chain that it touches, and names no entry of somebody else's."""
    people = [f"p{number}" for number in range(40)]
    await imported(it, people)
    other = next(one for one in people if chain_of(one) != chain_of("p0"))
    assert await verdict(client, other) == {"valid": True, "entries": 1}
    await fact(it, "created", "p0", version=1)
    await sql(it, "UPDATE entries SET data = '{}' WHERE kind = 'customer_created'")
    said = await verdict(client, other)
    assert said["broken"] == {"chain": chain_of("p0"), "position": 2, "entry_id": None, "reason": "content_changed"}
    mine = await verdict(client, "p0")
    assert mine["broken"]["entry_id"] in {entry["id"] for entry in await timeline(client, "p0")}


async def test_an_entry_moved_to_another_customer_shows_there(it: Standing, client: httpx.AsyncClient) -> None:
    await fact(it, "created", "c1", version=1)
    await sql(it, "UPDATE entry_customers SET customer_id = 'c2'")
    assert (await verdict(client, "c1"))["broken"]["reason"] == "not_in_timeline"
    assert (await verdict(client, "c2"))["broken"]["reason"] == "not_of_this_customer"


async def test_only_who_sees_the_customer_verifies(
    it: Standing, client: httpx.AsyncClient, customers: CustomersFake
) -> None:
    customers.hidden = {"c1"}
    assert (await client.get("/customers/c1/timeline:verify")).status_code == 404


async def test_chains_grow_by_what_was_inserted_only(it: Standing) -> None:
    for _ in range(3):
        await fact(it, "created", "c1", event_id="same", version=1)
        await imported(it, ["c1", "c2"], groups={"g": ["c1", "c2"]})
    assert await sql(it, "SELECT sum(length) FROM chain_heads") == [(3,)]
    assert await sql(it, "SELECT count(*) FROM chain_links") == [(3,)]
