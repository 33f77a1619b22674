"""Whether a caller may do this to these customers and groups; what may not be known does not exist (404), the rest is 403."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from rapport_customers.domain.access import Sight, linked
from rapport_customers.domain.definitions import Definitions
from rapport_customers.domain.documents import Document
from rapport_customers.store import customers
from rapport_customers.store.connection import Connection


def sight_of(conn: Connection, caller: Caller, definitions: Definitions, *documents: Document) -> Sight:
    """What the caller may know about these documents and about those they point to."""
    if caller.view_groups is None:
        return Sight(definitions, None)
    pointed = {customer for document in documents for customer in linked(document)}
    known = customers.visible_ids(conn, pointed, caller.view_groups) if pointed else frozenset()
    return Sight(definitions, caller.view_groups, known)


def customer_to_change(tx: Tx, caller: Caller, customer_id: str) -> customers.Held:
    """The customer, locked. Raises `NotFound`, `Forbidden`."""
    stored = customers.find_to_change(tx, customer_id, caller.view_groups)
    if stored is None:
        raise NotFound("There is no such customer.")
    if not caller.edits_any(stored.document["groups"]):
        raise Forbidden("You may see this customer, but not change it.")
    return stored


def refuse_groups(caller: Caller, groups: Iterable[str]) -> None:
    """Raises `Forbidden` for a group whose customers the caller may not change (adding to and removing from it changes it)."""
    if caller.edit_groups is not None and not caller.edit_groups.issuperset(groups):
        raise Forbidden("You may not add customers to this group or remove them from it.")


def refuse_links(tx: Tx, caller: Caller, before: Document, after: Document) -> None:
    """C1, C10: a new link leads to an organization that the caller sees and that is enabled.

    Raises `Invalid` for an unknown customer or a person, `Conflict` 409 `customer_disabled`.
    """
    before_by_member = {(path.partition(".")[0], customer_id) for path, customer_id in _links(before)}
    links = [
        (path, customer_id)
        for path, customer_id in _links(after)
        if (path.partition(".")[0], customer_id) not in before_by_member
    ]
    new = {customer_id for _, customer_id in links}
    found = {one["id"]: one for one in customers.summaries(tx.conn, new, caller.view_groups)} if new else {}
    for path, customer_id in links:
        target = found.get(customer_id)
        if target is None or target["kind"] != "organization" or customer_id == after["id"]:
            detail = f"There is no organization “{customer_id}”."
            raise Invalid(detail, FieldError(path, "unknown_organization", detail))
        if not target["enabled"]:
            raise Conflict("customer_disabled", f"“{target['display_name']}” is disabled and cannot be chosen.")


def _links(document: Document) -> list[tuple[str, Any]]:
    links = [(f"organizations.{at}.id", link["id"]) for at, link in enumerate(document.get("organizations", ()))]
    return [*links, ("related_to", document["related_to"])] if document["related_to"] else links
