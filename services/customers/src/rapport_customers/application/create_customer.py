"""Create one customer (C1, C2, C3, C4)."""

from __future__ import annotations

from typing import Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Ahead, Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import FieldError, Invalid
from rapport_customers.application import announce, rights
from rapport_customers.application.read_customers import with_members
from rapport_customers.domain.access import Sight
from rapport_customers.domain.documents import Document, new_document
from rapport_customers.domain.edits import Patch, patched
from rapport_customers.domain.keys import match_keys
from rapport_customers.store import customers, definitions, writing
from rapport_customers.store.writing import Author

AHEAD: Final = Ahead(writing.take_numbers, 1)
"""What the creation of a customer asks for first."""


def create_customer(tx: Tx, caller: Caller, region: str, kind: str, values: Patch) -> Document:
    """Create a customer of `kind` with `values` and give it as the caller sees it.

    Raises `Invalid`, `Forbidden` (a group that the caller may not change), `Conflict` 409 `would_leave_without_group`
    for an empty list of groups, `customer_disabled` for a link to a disabled organization.
    """
    if values.get("groups") is None:
        detail = "Choose at least one group."
        raise Invalid(detail, FieldError("groups", "required", detail))
    sight = _sight(tx, caller, values)
    empty = new_document(kind, new_id(), writing.as_text(tx), caller.id)
    document = patched(empty, values, sight, region)
    rights.refuse_groups(caller, document["groups"])
    rights.refuse_links(tx, caller, empty, document)
    author = Author(caller.id, caller.via)
    writing.insert_new(tx, [(document, match_keys(document))], author)
    announce.created(tx, document, author)
    return with_members(tx.conn, caller, sight.shown(document))


def _sight(tx: Tx, caller: Caller, values: Patch) -> Sight:
    wanted = {link["id"] for link in values.get("organizations") or ()} | {values.get("related_to") or ""}
    known = customers.visible_ids(tx.conn, wanted, caller.view_groups) if caller.view_groups is not None else None
    return Sight(definitions.hold(tx), caller.view_groups, known)
