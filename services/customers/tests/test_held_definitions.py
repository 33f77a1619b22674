"""Requests that share a transaction hold the definitions together: what one of them changes, those after it know."""

from __future__ import annotations

from typing import Any

from rapport_chassis.db import Tx
from rapport_customers.application.create_customer import create_customer
from rapport_customers.application.edit_groups import create_group
from rapport_customers.store import definitions
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
