"""Import batches: written, merged, refused, and harmless to repeat (I4, I8)."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import text

from rapport_contracts import topics
from rapport_customers.application.edit_groups import create_group
from rapport_customers.application.edit_lists import create_list
from rapport_customers.application.read_customers import get_history
from rapport_customers.store import history
from rapport_testkit.customers import caller

MASTER = caller()


def outcomes(results: list[Any]) -> list[str]:
    return [result[1] for result in results]


async def test_rows_become_customers_with_contacts_groups_and_history(world: Any):
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


async def test_a_repeated_batch_changes_nothing(world: Any):
    """I8, R2: `(run, row)` is unique, however often a batch is delivered."""
    row = ["Reza", "Ahmadi", None, None, None]
    await world.run(row, mode="duplicate")
    before = await world.rows("SELECT count(*) FROM outbox")
    await world.run(row, mode="duplicate")
    assert await world.rows("SELECT count(*) FROM outbox") == before
    await world.run(row, row, mode="duplicate")
    assert [len(await world.customers()), outcomes(await world.results())] == [2, ["created"]]
    assert (await world.results())[0][0] == 3


async def test_the_same_file_again_is_unchanged_in_merge_mode(world: Any):
    """R8: no doubles; nothing is written for what does not change."""
    rows = [["Reza", "Ahmadi", "09123456789", None, "Qom"], ["Sara", None, "no number", "s@b.co", None]]
    await world.run(*rows)
    before = await world.customers()
    assert outcomes(await world.run(*rows, run_id="run-2")) == ["unchanged", "unchanged"]
    assert await world.customers() == before
    assert await world.rows("SELECT count(*) FROM before_images") == [(0,)]


async def test_merge_fills_what_is_empty_and_adds_what_is_new(world: Any):
    """I4: existing data stay, new values are added; the before-image is kept."""
    many, one = await world.field("Many", multiple=True), await world.field("One")
    mobile = {"kind": "mobile", "value": "09123456789"}
    was = await world.customer(contacts=[mobile], address={"city": "Qom"}, fields={many: ["a"], one: "x"})
    other = (await world.db.write(create_group, MASTER, "Other", None, None)).id
    columns = [
        "first_name",
        "last_name",
        "mobile",
        "email",
        "city",
        "country",
        f"custom.{many}",
        f"custom.{one}",
        "phone",
        "groups",
    ]
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


async def test_wrong_rows_fail_with_a_reason_and_the_others_are_written(world: Any):
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


async def test_a_batch_whose_group_or_field_or_user_is_gone_fails_as_a_whole(world: Any):
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
        cells = row[: len(said.get("columns", row))]
        (result,) = await world.run(cells, run_id=f"run-{number}", **said)
        assert (result[1], result[3].startswith(reason)) == ("failed", True), result
    assert await world.customers() == []


async def test_an_import_sees_and_changes_only_what_its_user_may(world: Any):
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


async def test_results_say_the_last_position_of_each_partition(world: Any):
    """api.md: a search that follows waits for what the import wrote."""
    await world.run(*[[f"N{n}", None, None, None, None] for n in range(40)], mode="duplicate")
    said = orjson.loads((await world.rows("SELECT data FROM outbox WHERE topic = 'imports.results.v1'"))[0][0])

    last = {topics.CUSTOMERS.partition_of(one["id"]): f"{one['id']}@1" for one in await world.customers()}
    assert sorted(said["positions"]) == sorted(last.values())


async def test_what_is_known_of_a_run_goes_thirty_days_after_its_last_batch(world: Any):
    """I8: rows of a run that still goes on are never written twice."""
    for run_id, batch in [("old", 0), ("long", 0), ("long", 1)]:
        await world.run([str(batch), None, None, None, None], run_id=run_id, batch=batch, first=2 + batch)
    weeks = "UPDATE import_batches SET at = at - 31 * 86400000000 WHERE run_id = 'old' OR first_row = 2"
    await world.db.write(lambda tx: tx.conn.execute(text(weeks)))
    await world.db.write(history.forget_import_batches)
    assert await world.rows("SELECT run_id, first_row FROM import_batches ORDER BY first_row") == [
        ("long", 2),
        ("long", 3),
    ]
