"""The workspace's settings, one's own password and sessions, the audit log, what is cleared away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData

from rapport_chassis.db import open_database
from rapport_chassis.migrate import migrate
from rapport_identity.application import retention
from rapport_identity.domain.sessions import SessionPolicy
from rapport_identity.store import audit
from rapport_identity.store.tables import metadata

from .conftest import PASSWORD, House

Code = Callable[[httpx.Response], tuple[int, str]]


async def test_settings_are_changed_with_an_etag_and_known_everywhere(house: House, code: Code) -> None:
    """G1: region, time zone, language, calendar."""
    master = await house.sign_in()
    read = await master.get("/settings")
    seen = {"if-match": read.headers["etag"]}
    patch = {"region": "IR", "time_zone": "Asia/Tehran", "language": "fa", "calendar": "jalali"}
    changed = await master.patch("/settings", json=patch, headers=seen)
    assert changed.json() | patch == changed.json()
    assert code(await master.patch("/settings", json=patch, headers=seen)) == (412, "stale_version")
    await house.settle()
    assert house.it.runtime.directory.settings.time_zone == "Asia/Tehran"
    await house.user("reza", roles=["member"])
    reza = await house.sign_in("reza")
    assert (await reza.get("/settings")).json()["region"] == "IR"
    refused = await reza.patch("/settings", json={"region": "US"}, headers={"if-match": changed.headers["etag"]})
    assert code(refused) == (403, "forbidden")


@pytest.mark.parametrize(
    "patch",
    [
        {"region": "XX"},
        {"region": "ir"},
        {"time_zone": "Tehran"},
        {"time_zone": "../../etc/passwd"},
        {"language": "de"},
        {"calendar": None},
        {"colour": "red"},
    ],
)
async def test_wrong_settings_are_422_and_change_nothing(house: House, code: Code, patch: dict[str, Any]) -> None:
    master = await house.sign_in()
    before = await master.get("/settings")
    answer = await master.patch("/settings", json=patch, headers={"if-match": before.headers["etag"]})
    assert code(answer) == (422, "validation_failed")
    assert (await master.get("/settings")).json() == before.json()


async def test_a_change_of_ones_password_keeps_this_session_and_ends_the_others(house: House, code: Code) -> None:
    other = (await house.try_sign_in("master", PASSWORD)).cookies["rapport_session"]
    master = await house.sign_in()
    wrong = await master.post("/auth/password", json={"old": "wrong", "new": "another good one"})
    assert code(wrong) == (401, "invalid_credentials")
    for new in (PASSWORD, "password", "short"):
        assert code(await master.post("/auth/password", json={"old": PASSWORD, "new": new})) == (
            422,
            "validation_failed",
        )
    done = await master.post("/auth/password", json={"old": PASSWORD, "new": "another good one"})
    assert done.status_code == 204
    assert code(await house.resolve(session=other)) == (401, "unauthenticated")
    assert [one["current"] for one in (await master.get("/auth/sessions")).json()["items"]] == [True]
    assert code(await house.try_sign_in("master", PASSWORD)) == (401, "invalid_credentials")
    assert (await house.try_sign_in("master", "another good one")).status_code == 200


async def test_guessing_the_old_password_is_stopped_like_a_sign_in(house: House, code: Code) -> None:
    """R14."""
    master = await house.sign_in()
    for _ in range(5):
        await master.post("/auth/password", json={"old": "wrong", "new": "another good one"})
    locked = await master.post("/auth/password", json={"old": PASSWORD, "new": "another good one"})
    assert code(locked) == (429, "locked_out")


async def test_sessions_are_listed_and_ended_by_their_user_only(house: House, code: Code) -> None:
    """G1: sessions."""
    await house.user("reza", roles=["member"])
    reza, master = await house.sign_in("reza"), await house.sign_in()
    (his,) = (await reza.get("/auth/sessions")).json()["items"]
    assert (his["ip"], his["current"]) == ("10.0.0.1", True)
    assert "token" not in str(his)
    assert code(await master.delete(f"/auth/sessions/{his['id']}")) == (404, "not_found")
    second = (await house.try_sign_in("reza", PASSWORD)).cookies["rapport_session"]
    other = next(one for one in (await reza.get("/auth/sessions")).json()["items"] if not one["current"])
    assert (await reza.delete(f"/auth/sessions/{other['id']}")).status_code == 204
    assert code(await house.resolve(session=second)) == (401, "unauthenticated")
    third = (await house.try_sign_in("reza", PASSWORD)).cookies["rapport_session"]
    assert (await reza.post("/auth/sessions:revoke-others")).status_code == 204
    assert code(await house.resolve(session=third)) == (401, "unauthenticated")
    assert len((await reza.get("/auth/sessions")).json()["items"]) == 1


async def test_the_audit_log_says_who_did_what_from_where(house: House, code: Code) -> None:
    """G3."""
    await house.try_sign_in("master", "wrong", ip="10.9.9.9")
    user = await house.user("reza", roles=["member"])
    master = await house.sign_in()
    await master.patch(
        f"/users/{user['id']}", json={"roles": ["manager"]}, headers={"if-match": f'"{user["version"]}"'}
    )
    role = (await master.post("/roles", json={"name": "desk"})).json()
    key = (await master.post("/api-keys", json={"name": "sync"})).json()
    await master.delete(f"/api-keys/{key['id']}")
    settings = {"if-match": (await master.get("/settings")).headers["etag"]}
    await master.patch("/settings", json={"region": "IR"}, headers=settings)
    await master.delete(f"/roles/{role['id']}", headers={"if-match": f'"{role["version"]}"'})
    await master.post("/internal/audit", json={"action": "export_read", "subject_type": "x", "subject_id": "1"})
    entries = (await master.get("/audit", params={"limit": 500})).json()["items"]
    assert {
        "sign_in",
        "sign_in_failed",
        "user_created",
        "user_changed",
        "role_created",
        "role_deleted",
        "api_key_created",
        "api_key_deleted",
        "settings_changed",
        "export_read",
    } <= {one["action"] for one in entries}
    by_action = {one["action"]: one for one in entries}
    assert by_action["sign_in_failed"]["ip"] == "10.9.9.9"
    assert by_action["user_changed"]["details"]["roles"] == {"from": ["member"], "to": ["manager"]}
    assert by_action["settings_changed"]["details"] == {"region": {"from": "US", "to": "IR"}}
    assert all(secret not in str(entries) for secret in (PASSWORD, key["key"], "argon2"))
    reza = await house.sign_in("reza")
    assert code(await reza.get("/audit")) == (403, "forbidden")


async def test_the_audit_log_is_paged_by_keyset_and_filtered(house: House) -> None:
    for _ in range(5):
        await house.try_sign_in("master", PASSWORD)
        house.clock.advance(minutes=1)
    master = await house.sign_in()
    whole = (await master.get("/audit", params={"action": "sign_in"})).json()["items"]
    pages, after = [], None
    while True:
        asked = {"action": "sign_in", "limit": "2"} | ({"after": after} if after else {})
        answer = (await master.get("/audit", params=asked)).json()
        pages += answer["items"]
        after = answer["next"]
        if after is None:
            break
    assert pages == whole
    assert len(whole) == 6
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)
    since = {"since": "2026-11-22T09:01:00Z", "until": "2026-11-22T09:03:00Z", "action": "sign_in"}
    assert len((await master.get("/audit", params=since)).json()["items"]) == 2
    me = (await master.get("/auth/me")).json()["user"]["id"]
    assert len((await master.get("/audit", params={"actor_id": me})).json()["items"]) == 6


@pytest.mark.parametrize("moment", ["0.5", "-1", "1795000000", "2026-11-22T09:00:00", "yesterday"])
async def test_a_moment_is_rfc_3339(house: House, code: Code, moment: str) -> None:
    """R13."""
    master = await house.sign_in()
    assert code(await master.get("/audit", params={"since": moment})) == (422, "validation_failed")


async def test_what_is_over_is_cleared_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In portions: years of audit that are over at once must not hold the database."""
    monkeypatch.setattr("rapport_chassis.db.MOST_DELETED", 1)
    await house.try_sign_in("master", PASSWORD)
    await house.try_sign_in("nobody", "wrong")
    house.clock.advance(days=3)
    await house.try_sign_in("master", PASSWORD)
    db, then = house.it.runtime.db, house.clock.now() - timedelta(days=2)
    assert await db.write(lambda tx: audit.purge(tx.conn, then)) == 1
    done = await retention.purge(db, SessionPolicy(), timedelta(days=2))
    assert done == {"sessions": 1, "attempts": 2, "audit": 1}


async def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Any) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'x.sqlite'}", metadata)
    await db.start()
    await migrate(db, "rapport_identity.migrations")

    def shape(tables: MetaData) -> dict[str, Any]:
        return {
            table.name: (
                {column.name: (column.nullable, column.primary_key) for column in table.columns},
                {(index.name, tuple(index.columns.keys())) for index in table.indexes},
            )
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }

    made = MetaData()
    await db.read(made.reflect)
    await db.close()
    assert shape(made) == shape(metadata)
