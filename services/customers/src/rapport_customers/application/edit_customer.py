"""Change, enable and disable one customer (C9, C10)."""

from __future__ import annotations

from rapport_chassis.auth import Caller
from rapport_chassis.db import Ahead, Tx
from rapport_chassis.problems import Stale
from rapport_customers.application import announce, rights
from rapport_customers.application.read_customers import with_members
from rapport_customers.domain.access import Sight
from rapport_customers.domain.definitions import Definitions
from rapport_customers.domain.documents import Change, Document
from rapport_customers.domain.edits import Patch, patched
from rapport_customers.store import customers, definitions, writing
from rapport_customers.store.writing import Author


def ahead(caller: Caller, customer_id: str) -> Ahead:
    """What a change of the customer asks for first."""
    return Ahead(customers.hold, (customer_id, caller.view_groups))


def edit_customer(tx: Tx, caller: Caller, region: str, customer_id: str, version: int, patch: Patch) -> Document:
    """Apply a JSON merge patch to `version` of the customer and give it as the caller sees it now.

    A patch that changes nothing makes no new version. Raises `NotFound`, `Forbidden`, `Stale` 412 with `current`,
    `Invalid`, `Conflict` 409 `would_leave_without_group` or `customer_disabled`.
    """
    stored = rights.customer_to_change(tx, caller, customer_id)
    before = stored.document
    known = definitions.hold(tx)
    sight = rights.sight_of(tx.conn, caller, known, before)
    _refuse_stale(tx, caller, sight, before, version)
    after = patched(stored.document, patch, sight, region)
    change = Change(before, after)
    if change.differences:
        rights.refuse_groups(caller, [*change.groups_added, *change.groups_removed])
        rights.refuse_links(tx, caller, before, after)
        author = Author(caller.id, caller.via)
        writing.save_changes(tx, [change], author, places={customer_id: stored.place})
        announce.changed(tx, change, author)
    return _answer(tx, caller, known, after)


def set_enabled(tx: Tx, caller: Caller, customer_id: str, enabled: bool, version: int | None) -> Document:
    """C10: enable or disable; what it is already stays. Raises `NotFound`, `Forbidden`, `Stale` (when `version` is said)."""
    stored = rights.customer_to_change(tx, caller, customer_id)
    change = Change(stored.document, stored.document | {"enabled": enabled})
    known = definitions.hold(tx)
    if version is not None:
        sight = rights.sight_of(tx.conn, caller, known, change.before)
        _refuse_stale(tx, caller, sight, change.before, version)
    if change.differences:
        author = Author(caller.id, caller.via)
        what = "enabled" if enabled else "disabled"
        writing.save_changes(tx, [change], author, what, {customer_id: stored.place})
        announce.enabled(tx, change.after, author)
    return _answer(tx, caller, known, change.after)


def _refuse_stale(tx: Tx, caller: Caller, sight: Sight, document: Document, version: int) -> None:
    if document["version"] != version:
        raise Stale(with_members(tx.conn, caller, sight.shown(document)))


def _answer(tx: Tx, caller: Caller, known: Definitions, document: Document) -> Document:
    sight = rights.sight_of(tx.conn, caller, known, document)
    return with_members(tx.conn, caller, sight.shown(document))
