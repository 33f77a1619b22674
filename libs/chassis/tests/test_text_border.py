"""R13: text that no database can keep is refused at the border, with its place; the same on every engine."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from rapport_chassis.http import decode_cursor
from rapport_chassis.problems import Invalid
from rapport_contracts import topics
from rapport_testkit.service import Standing

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (rb'{"id": "a", "text": "x\u0000y"}', ["text"]),
        (rb'{"id": "a", "text": "\ud800"}', ["text"]),
        (rb'{"id": "a", "text": "x\uDC00\uD83D"}', ["text"]),
        (
            rb'{"id": "\u0000", "text": "\udfff", "more": [1, {"deep": ["ok", "\u0000"]}]}',
            ["id", "more.1.deep.1", "text"],
        ),
        (rb'{"id": "a", "text": "ok", "more": {"a\u0000": "\u0000"}}', ["more"]),
        (rb'"\u0000"', ["body"]),
    ],
)
async def test_a_body_with_nul_or_half_a_character_is_refused_with_its_places(
    it: Standing, body: bytes, places: list[str]
) -> None:
    answer = await it.client().post("/notes", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        (place, "unstorable_text") for place in places
    ]
    await it.drain()
    assert await it.read(topics.TAGS) == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (rb"\\u0000", r"\u0000"),  # a backslash and letters
        (rb"\ud83d\ude00", "\N{GRINNING FACE}"),
        (rb"\u0001", "\x01"),
    ],
)
async def test_what_only_looks_like_it_is_kept_as_it_was_said(it: Standing, said: bytes, kept: str) -> None:
    answer = await it.client().post("/notes", content=b'{"id": "a", "text": "' + said + b'"}', headers=JSON)
    assert answer.status_code == 201
    await it.drain()
    assert [one["data"]["text"] for one in await it.read(topics.TAGS)] == [kept]


async def test_a_body_in_pieces_is_looked_at_as_a_whole(it: Standing) -> None:
    async def pieces(*parts: bytes) -> Any:
        for part in parts:
            yield part

    refused = await it.client().post("/notes", content=pieces(b'{"id": "a", "text": "\\u0', b'000"}'), headers=JSON)
    assert refused.status_code == 422
    taken = await it.client().post("/notes", content=pieces(b'{"id": "a", ', b'"text": "x"}'), headers=JSON)
    assert taken.status_code == 201


@pytest.mark.parametrize("query", ["after=%00", "limit=2&after=a%00b"])
async def test_a_query_with_nul_is_refused_with_the_parameters_name(it: Standing, query: str) -> None:
    answer = await it.client().get(f"/jobs?{query}")
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("after", "unstorable_text")]
    assert (await it.client().get("/jobs?after=%2500")).status_code == 200


async def test_nothing_is_found_at_a_path_with_nul(it: Standing) -> None:
    answer = await it.client().get("/jobs/a%00b")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_broken_body_is_still_told_as_broken(it: Standing) -> None:
    answer = await it.client().post("/notes", content=rb'{"id": "\u0000"', headers=JSON)
    assert answer.json()["errors"][0]["code"] == "json_invalid"


@pytest.mark.parametrize("parts", [rb'["a\u0000"]', rb'["\ud800"]'])
def test_a_cursor_with_nul_or_half_a_character_is_not_ours(parts: bytes) -> None:
    with pytest.raises(Invalid):
        decode_cursor(base64.urlsafe_b64encode(parts).decode(), str)
