"""Import batches: created, matched, merged, refused, and harmless to repeat (I4, I5, I8)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from rapport_chassis.db import Database
from rapport_customers.application.create_customer import create_customer
from rapport_customers.application.edit_fields import create_field
from rapport_customers.application.edit_groups import create_group
from rapport_customers.application.edit_lists import create_list
from rapport_customers.application.read_customers import get_history, list_customers
from rapport_customers.application.write_import_batch import write_batch
from rapport_testkit.customers import caller, import_batch, import_rows

MASTER = caller()
COLUMNS = ["first_name", "last_name", "mobile", "email", "city"]


class World:
    """A database with one group, and the few things that every test does."""

    def __init__(self, db: Database, group: str) -> None:
        self.db = db
        self.group = group

    async def run(
        self, *rows: Any, columns: list[str] = COLUMNS, by: Any = MASTER, first: int = 2, **said: Any
    ) -> list[Any]:
        """Write one batch and give its results: `[row, outcome, customer, reason]`."""
        batch = import_batch(*said.pop("groups", [self.group]), **said)
        await self.db.write(write_batch, batch, import_rows(columns, *rows, first=first), by)
        return await self.results()

    async def results(self) -> list[Any]:
        said = await self.rows("SELECT data FROM outbox WHERE topic = 'imports.results.v1' ORDER BY id")
        return orjson.loads(said[-1][0])["rows"] if said else []

    async def rows(self, sql: str) -> list[Any]:
        return await self.db.read(lambda conn: list(conn.execute(text(sql))))

    async def customers(self) -> list[dict[str, Any]]:
        """All customers, oldest first."""
        return (await self.db.read(list_customers, MASTER, None, 500))[::-1]

    async def customer(self, **said: Any) -> dict[str, Any]:
        body = {"first_name": "Reza", "groups": [self.group], **said}
        return await self.db.write(create_customer, MASTER, "IR", "person", body)

    async def field(self, title: str, type_: str = "text", **said: Any) -> str:
        values = {"title": title, "field_type": type_, "section_id": "general", **said}
        return (await self.db.write(create_field, MASTER, values)).id


@pytest.fixture
async def world(db: Database) -> World:
    return World(db, (await db.write(create_group, MASTER, "Imported", None, None)).id)


def outcomes(results: list[Any]) -> list[str]:
    return [result[1] for result in results]


async def test_rows_become_customers_with_contacts_groups_and_history(world: World):
    """I8: one fact a batch, one state row, history by which means."""
    results = await world.run(["Reza", "Ahmadi", "0912 345 6789", "R@b.co", "Qom"], [None, None, None, "x@b.co", None])
    assert outcomes(results) == ["created", "created"]
    one, other = await world.customers()
    assert (one["first_name"], one["contacts"][0]["e164"], one["address"]["city"]) == ("Reza", "+989123456789", "Qom")
    assert [(c["kind"], c["value"], c["primary"]) for c in other["contacts"]] == [("email", "x@b.co", True)]
    assert one["groups"] == [world.group]
    assert [result[2] for result in results] == [one["id"], other["id"]]
    (entry,) = await world.db.read(get_history, MASTER, one["id"], None, 10)
    assert (entry["action"], entry["by"], entry["via"]) == ("created", "master", "import:import-1")
    facts = await world.rows("SELECT data, event_id FROM outbox WHERE type = 'customers.customers.imported'")
    fact = orjson.loads(facts[0][0])
    ids = [one["id"], other["id"]]
    assert (fact["created"], fact["changed"], fact["groups"]) == (ids, [], {world.group: ids})
    states = await world.rows("SELECT keys FROM outbox WHERE topic = 'customers.customer.v1'")
    assert [orjson.loads(row[0]) for row in states] == [ids]


async def test_a_repeated_batch_changes_nothing(world: World):
    """I8, R2: `(run, row)` is unique, however often a batch is delivered."""
    row = ["Reza", "Ahmadi", None, None, None]
    await world.run(row, mode="duplicate")
    before = await world.rows("SELECT count(*) FROM outbox")
    await world.run(row, mode="duplicate")
    assert await world.rows("SELECT count(*) FROM outbox") == before
    await world.run(row, row, mode="duplicate")
    assert [len(await world.customers()), outcomes(await world.results())] == [2, ["created"]]
    assert (await world.results())[0][0] == 3


async def test_the_same_file_again_is_unchanged_in_merge_mode(world: World):
    """R8: no doubles; nothing is written for what does not change."""
    rows = [["Reza", "Ahmadi", "09123456789", None, "Qom"], ["Sara", None, "no number", "s@b.co", None]]
    await world.run(*rows)
    before = await world.customers()
    assert outcomes(await world.run(*rows, run_id="run-2")) == ["unchanged", "unchanged"]
    assert await world.customers() == before
    assert await world.rows("SELECT count(*) FROM before_images") == [(0,)]


async def test_merge_fills_what_is_empty_and_adds_what_is_new(world: World):
    """I4: existing data stay, new values are added; the before-image is kept."""
    many, one = await world.field("Many", multiple=True), await world.field("One")
    mobile = {"kind": "mobile", "value": "09123456789"}
    was = await world.customer(contacts=[mobile], address={"city": "Qom"}, fields={many: ["a"], one: "x"})
    other = (await world.db.write(create_group, MASTER, "Other", None, None)).id
    columns = [*COLUMNS, "country", f"custom.{many}", f"custom.{one}", "phone", "groups"]
    row = ["Ali", "Ahmadi", "+98 912 345 6789", "a@b.co", "Yazd", "Iran", ["a", "b"], "y", "021 8877 6655", [other]]
    (result,) = await world.run(row, columns=columns)
    assert result[1:3] == ["changed", was["id"]]
    (now,) = await world.customers()
    assert (now["first_name"], now["last_name"], now["version"]) == ("Reza", "Ahmadi", 2)
    assert (now["address"]["city"], now["address"]["country"]) == ("Qom", "Iran")
    assert now["fields"] == {many: ["a", "b"], one: "x"}
    assert [c["kind"] for c in now["contacts"]] == ["mobile", "email", "phone"]
    assert now["groups"] == [world.group, other]
    images = await world.rows("SELECT document FROM before_images")
    assert orjson.loads(images[0][0]) == was
    fact = orjson.loads((await world.rows("SELECT data FROM outbox WHERE type LIKE '%imported'"))[0][0])
    assert (fact["created"], fact["changed"], fact["groups"]) == ([], [was["id"]], {other: [was["id"]]})
    history = await world.db.read(get_history, MASTER, was["id"], None, 1)
    assert {"field": "last_name", "from": None, "to": "Ahmadi"} in history[0]["changes"]


async def test_rows_of_one_batch_that_match_each_other_are_one_customer(world: World):
    """I5: a later row merges into the earlier, also over a third."""
    results = await world.run(
        ["Reza", None, "09123456789", None, None],
        ["R.", "Ahmadi", "09123456789", "r@b.co", None],
        [None, None, None, "R@B.CO", "Qom"],
    )
    assert outcomes(results) == ["created", "changed", "changed"]
    (only,) = await world.customers()
    assert (only["first_name"], only["last_name"], only["address"]["city"], only["version"]) == (
        "Reza",
        "Ahmadi",
        "Qom",
        1,
    )
    assert outcomes(await world.run(["X", None, None, "r@b.co", None], run_id="again")) == ["unchanged"]


async def test_a_row_that_matches_several_is_never_guessed(world: World):
    """I5: ambiguous, stored or in the batch."""
    await world.customer(contacts=[{"kind": "mobile", "value": "09123456789"}])
    await world.customer(contacts=[{"kind": "email", "value": "r@b.co"}])
    results = await world.run(["X", None, "09123456789", "r@b.co", None], ["Y", None, "09350000000", "y@b.co", None])
    assert results[0][1:] == ["ambiguous", None, "The row matches 2 customers."]
    results = await world.run(["Z", None, "09350000000", "r@b.co", None], run_id="again")
    assert outcomes(results) == ["ambiguous"]
    assert len(await world.customers()) == 3


async def test_all_means_the_same_on_every_field(world: World):
    """I5, intersection: an empty field is the same as an empty one only."""
    rule = {"match": {"fields": ["first_name", "last_name", "city"], "combine": "all"}}
    rows = [["Reza", "Ahmadi", None, "1@b.co", "Qom"], ["Reza", "Ahmadi", None, "2@b.co", None]]
    assert outcomes(await world.run(*rows, **rule)) == ["created", "created"]
    again = [
        ["REZA", "ahmadi", None, None, "qom"],
        ["Reza", "Ahmadi", None, None, None],
        ["Reza", None, None, None, "Qom"],
    ]
    assert outcomes(await world.run(*again, run_id="again", **rule)) == ["unchanged", "unchanged", "created"]


async def test_names_custom_fields_and_contacts_match_normalised(world: World):
    """I5: on any chosen fields, by normalised equality."""
    code = await world.field("Code")
    was = await world.customer(last_name="کریمی", company_name="Łódź GmbH", fields={code: "ÄB 12"})
    for field, columns, row in [
        ("name", ["first_name", "last_name"], ["reza", "كريمي"]),
        ("last_name", ["last_name"], ["كريمي"]),
        ("company_name", ["company_name"], ["LODZ gmbh"]),
        (f"custom.{code}", ["first_name", f"custom.{code}"], ["Other", "äb  12"]),
    ]:
        rule = {"match": {"fields": [field], "combine": "any"}, "run_id": field}
        (result,) = await world.run(row, columns=columns, **rule)
        assert result[1:3] == ["unchanged", was["id"]], field


async def test_a_match_of_another_kind_is_none(world: World):
    await world.customer(contacts=[{"kind": "email", "value": "r@b.co"}])
    assert outcomes(await world.run(["Pars", "r@b.co"], columns=["name", "email"], kind="organization")) == ["created"]


async def test_many_candidates_are_narrowed_down_by_the_next_field(world: World):
    """I5: a common name with a telling company finds the one."""
    rows = [["Reza", "Ahmadi", f"Company {n}"] for n in range(20)]
    columns = ["first_name", "last_name", "company_name"]
    await world.run(*rows, columns=columns, mode="duplicate")
    rule = {"match": {"fields": ["last_name", "company_name"], "combine": "all"}, "run_id": "again"}
    assert outcomes(await world.run(["R", "Ahmadi", "company 7"], columns=columns, **rule)) == ["unchanged"]
    rule = {"match": {"fields": ["last_name"], "combine": "all"}, "run_id": "third"}
    results = await world.run(["R", "Ahmadi", None], columns=columns, **rule)
    assert results[0][3] == "The row matches 20 customers."


async def test_what_matches_nobody_can_be_skipped(world: World):
    """I4: when_unmatched."""
    results = await world.run(["Reza", None, None, "r@b.co", None], when_unmatched="skip")
    assert results[0][1:] == ["skipped", None, "The row matches no customer."]
    assert await world.customers() == []


async def test_wrong_rows_fail_with_a_reason_and_the_others_are_written(world: World):
    """I8: a reason for a person."""
    await world.db.write(create_list, "Colours", ["Red"])
    colour = await world.field("Colour", "list", list="Colours")
    code = await world.field("Code", required=True)
    columns = ["first_name", f"custom.{colour}", f"custom.{code}", "city"]
    results = await world.run(
        ["Reza", "red", "1", None], ["Sara", "blue", "2", None], ["Mina", None, None, None], [None, None, "3", "Qom"],
        columns=columns,
    )  # fmt: skip
    assert outcomes(results) == ["created", "failed", "failed", "failed"]
    assert [result[3] for result in results[1:]] == [
        "“blue” is not in the list “Colours”.",
        "“Code” is required.",
        "The row has neither a name nor a contact.",
    ]


async def test_a_batch_whose_group_or_field_or_user_is_gone_fails_as_a_whole(world: World):
    row = ["Reza", None, None, "r@b.co", None]
    for number, (said, reason) in enumerate(
        [
            ({"groups": ["gone"]}, "A group of this import is gone."),
            ({"by": None}, "The user who started this import may not import any more."),
            ({"columns": ["first_name", "custom.gone"]}, "A custom field of this import is gone."),
            ({"match": {"fields": ["city"], "combine": "any"}}, "Match by a name, a contact or a custom field"),
            ({"groups": []}, "The row has no group."),
        ]
    ):
        cells = row[: len(said.get("columns", COLUMNS))]
        (result,) = await world.run(cells, run_id=f"run-{number}", **said)
        assert (result[1], result[3].startswith(reason)) == ("failed", True), result
    assert await world.customers() == []


async def test_an_import_sees_and_changes_only_what_its_user_may(world: World):
    """Q6, G1: rights are checked again as it writes; a hidden customer is neither matched nor changed."""
    own = (await world.db.write(create_group, MASTER, "Own", None, None)).id
    was = await world.customer(contacts=[{"kind": "email", "value": "r@b.co"}])
    row = ["X", "Y", None, "r@b.co", None]
    member = caller("member", groups=[own])
    assert outcomes(await world.run(row, groups=[own], by=member)) == ["created"]
    looking = caller("looking", groups=[own, world.group], edit=[own])
    both = await world.run(row, groups=[own], by=looking, run_id="looking")
    assert outcomes(both) == ["ambiguous"]
    (failed,) = await world.run(row, groups=[world.group], by=looking, run_id="third")
    assert failed[3] == "You may not add customers to the group “Imported”."
    seen = [one for one in await world.customers() if one["id"] == was["id"]]
    assert seen == [was]


async def test_results_say_the_last_position_of_each_partition(world: World):
    """api.md: a search that follows waits for what the import wrote."""
    await world.run(*[[f"N{n}", None, None, None, None] for n in range(40)], mode="duplicate")
    said = orjson.loads((await world.rows("SELECT data FROM outbox WHERE topic = 'imports.results.v1'"))[0][0])
    from rapport_contracts import topics

    last = {topics.CUSTOMERS.partition_of(one["id"]): f"{one['id']}@1" for one in await world.customers()}
    assert sorted(said["positions"]) == sorted(last.values())
