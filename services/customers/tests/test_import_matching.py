"""Which customer a row is: matched on any fields, joined by all or any, never guessed (I5)."""

from __future__ import annotations

from typing import Any


def outcomes(results: list[Any]) -> list[str]:
    return [result[1] for result in results]


async def test_rows_of_one_batch_that_match_each_other_are_one_customer(world: Any):
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


async def test_a_row_that_matches_several_is_never_guessed(world: Any):
    """I5: ambiguous, stored or in the batch."""
    await world.customer(contacts=[{"kind": "mobile", "value": "09123456789"}])
    await world.customer(contacts=[{"kind": "email", "value": "r@b.co"}])
    results = await world.run(["X", None, "09123456789", "r@b.co", None], ["Y", None, "09350000000", "y@b.co", None])
    assert results[0][1:] == ["ambiguous", None, "The row matches 2 customers."]
    results = await world.run(["Z", None, "09350000000", "r@b.co", None], run_id="again")
    assert outcomes(results) == ["ambiguous"]
    assert len(await world.customers()) == 3


async def test_all_means_the_same_on_every_field(world: Any):
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


async def test_names_custom_fields_and_contacts_match_normalised(world: Any):
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


async def test_a_match_of_another_kind_is_none(world: Any):
    await world.customer(contacts=[{"kind": "email", "value": "r@b.co"}])
    assert outcomes(await world.run(["Pars", "r@b.co"], columns=["name", "email"], kind="organization")) == ["created"]


async def test_many_candidates_are_narrowed_down_by_the_next_field(world: Any):
    """I5: a common name with a telling company finds the one."""
    rows = [["Reza", "Ahmadi", f"Company {n}"] for n in range(20)]
    columns = ["first_name", "last_name", "company_name"]
    await world.run(*rows, columns=columns, mode="duplicate")
    rule = {"match": {"fields": ["last_name", "company_name"], "combine": "all"}, "run_id": "again"}
    assert outcomes(await world.run(["R", "Ahmadi", "company 7"], columns=columns, **rule)) == ["unchanged"]
    rule = {"match": {"fields": ["last_name"], "combine": "all"}, "run_id": "third"}
    results = await world.run(["R", "Ahmadi", None], columns=columns, **rule)
    assert results[0][3] == "The row matches 20 customers."


async def test_what_matches_nobody_can_be_skipped(world: Any):
    """I4: when_unmatched."""
    results = await world.run(["Reza", None, None, "r@b.co", None], when_unmatched="skip")
    assert results[0][1:] == ["skipped", None, "The row matches no customer."]
    assert await world.customers() == []
