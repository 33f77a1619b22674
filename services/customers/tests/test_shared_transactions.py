"""Requests that share a transaction ask for things together: what one of them changes, those after it know."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from rapport_chassis.db import Tx
from rapport_chassis.problems import NotFound, Stale
from rapport_customers.application.create_customer import create_customer
from rapport_customers.application.edit_customer import edit_customer
from rapport_customers.application.edit_groups import create_group
from rapport_customers.domain.documents import Change
from rapport_customers.domain.keys import text_key
from rapport_customers.store import customers, definitions, matching, tables, writing
from rapport_customers.store.writing import Author
from rapport_testkit.customers import caller

MASTER = caller()


async def test_a_group_made_in_a_shared_transaction_is_known_to_the_requests_after_it(world: Any) -> None:
    def three(tx: Tx) -> str:
        create_customer(tx.beside(), MASTER, "IR", "person", {"first_name": "Ada", "groups": [world.group]})
        group = create_group(tx.beside(), MASTER, "Fresh", None, None).id
        assert group in definitions.hold(tx.beside()).groups
        create_customer(tx.beside(), MASTER, "IR", "person", {"first_name": "Bea", "groups": [group]})
        return group

    assert await world.db.write(three) in await world.db.read(lambda conn: definitions.load(conn).groups)


def is_stale(tx: Tx, customer_id: str) -> bool:
    try:
        edit_customer(tx.beside(), MASTER, "IR", customer_id, 1, {"first_name": "Gita"})
    except Stale:
        return True
    return False


async def test_a_customer_that_was_asked_for_ahead_is_what_the_requests_before_made_of_it(world: Any) -> None:
    one, other, third = [await world.customer(first_name=name) for name in ("Ada", "Bea", "Emil")]

    def edits(tx: Tx) -> list[int]:
        customers.hold(tx, [(third["id"], None)])
        writing.save_changes(tx.beside(), [Change(third, third | {"first_name": "Finn"})], Author("job", "job:1"))
        assert is_stale(tx, third["id"])
        customers.hold(tx, [(other["id"], None), (one["id"], None)])
        made = [edit_customer(tx.beside(), MASTER, "IR", of["id"], 1, {"first_name": "Cleo"}) for of in (one, other)]
        assert is_stale(tx, one["id"])
        again = edit_customer(tx.beside(), MASTER, "IR", one["id"], 2, {"first_name": "Dora"})
        return [*(of["version"] for of in made), again["version"]]

    assert await world.db.write(edits) == [2, 2, 3]
    assert sorted(one["first_name"] for one in await world.customers()) == ["Cleo", "Dora", "Finn"]


async def test_who_may_not_see_a_customer_does_not_get_what_another_asked_for(world: Any) -> None:
    one = await world.customer(first_name="Ada")
    stranger = caller("stranger", groups=["another"])

    def edit(tx: Tx) -> None:
        customers.hold(tx, [(one["id"], MASTER.view_groups), (one["id"], stranger.view_groups)])
        edit_customer(tx.beside(), stranger, "IR", one["id"], 1, {"first_name": "Eve"})

    with pytest.raises(NotFound):
        await world.db.write(edit)


async def test_numbers_that_were_taken_ahead_are_given_once_and_then_others_are_asked_for(world: Any) -> None:
    def create(tx: Tx) -> None:
        writing.take_numbers(tx, [1, 1])
        for name in ("Ada", "Bea", "Cleo"):
            create_customer(tx.beside(), MASTER, "IR", "person", {"first_name": name, "groups": [world.group]})

    await world.db.write(create)
    numbers = await world.db.read(lambda conn: list(conn.execute(select(tables.customers.c.number)).scalars()))
    assert len(set(numbers)) == len(numbers) == 3


async def test_a_name_that_two_requests_changed_there_and_back_is_found_as_before(world: Any) -> None:
    """Match keys are written once for all who share the transaction."""
    one = await world.customer(first_name="Ada")

    def there_and_back(tx: Tx) -> None:
        edit_customer(tx.beside(), MASTER, "IR", one["id"], 1, {"first_name": "Bea"})
        edit_customer(tx.beside(), MASTER, "IR", one["id"], 2, {"first_name": "Ada"})

    await world.db.write(there_and_back)
    found = [await world.db.read(matching.find, "first_name", [text_key(name)]) for name in ("Ada", "Bea")]
    assert [len(of) for of in found] == [1, 0]
