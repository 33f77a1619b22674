"""A JSON merge patch (RFC 7396) on a customer: what the caller does not see survives, what breaks a rule is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapport_chassis.problems import Conflict, FieldError, Invalid
from rapport_contracts.phone import region_of_country
from rapport_customers.domain.access import Sight
from rapport_customers.domain.contacts import read_contacts
from rapport_customers.domain.documents import ADDRESS, NO_ADDRESS, TEXTS, Document, is_reachable_or_named
from rapport_customers.domain.values import WrongValue, read_value

Patch = Mapping[str, Any]


def patched(document: Document, patch: Patch, sight: Sight, region: str) -> Document:
    """The document after `patch`, whose texts are trimmed (empty ones None). `region` reads numbers where no country does.

    Raises `Invalid` with the paths of what is wrong: a name of the other kind, an unknown group, field or list
    option, a required field left empty, neither name nor contact; `Conflict` 409 `would_leave_without_group`.
    """
    after = dict(document)
    _refuse_other_kind(document["kind"], patch)
    after |= {name: patch[name] for name in TEXTS[document["kind"]] if name in patch}
    if "address" in patch:
        after["address"] = _address(document["address"], patch["address"])
    if "groups" in patch:
        after["groups"] = _groups(document["groups"], patch["groups"] or [], sight)
    if "contacts" in patch:
        country = (after["address"] or {}).get("country")
        home = region_of_country(country) if country else None
        after["contacts"] = read_contacts(patch["contacts"] or [], document["contacts"], home or region)
    if "fields" in patch:
        after["fields"] = _fields(after, patch["fields"], sight)
    if "organizations" in patch:
        after["organizations"] = _links(document["organizations"], patch["organizations"] or [], sight)
    if "related_to" in patch:
        if patch["related_to"] == document["related_to"] and not sight.sees_customer(patch["related_to"]):
            _refuse_hidden("related_to", patch["related_to"])
        after["related_to"] = patch["related_to"]
    if not is_reachable_or_named(after):
        detail = "A customer needs a name or a contact."
        raise Invalid(detail, FieldError(TEXTS[document["kind"]][1], "required", detail))
    refuse_missing(document, after, sight)
    return after


def _refuse_other_kind(kind: str, patch: Patch) -> None:
    known = {*TEXTS[kind], "address", "groups", "contacts", "fields", "related_to"}
    known |= {"organizations"} if kind == "person" else set()
    wrong = sorted(set(patch) - known)
    if wrong:
        errors = [FieldError(name, "not_of_this_kind", f"A customer of kind {kind} has no “{name}”.") for name in wrong]
        raise Invalid(errors[0].detail, *errors)


def _address(before: Mapping[str, Any] | None, patch: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if patch is None:
        return None
    merged = {**NO_ADDRESS, **(before or {}), **patch}
    return {name: merged[name] for name in ADDRESS} if any(merged.values()) else None


def _groups(before: list[str], wanted: list[str], sight: Sight) -> list[str]:
    errors = [
        FieldError(f"groups.{place}", "unknown_group", f"There is no group “{group}”.")
        for place, group in enumerate(wanted)
        if not sight.sees_group(group)
    ]
    if errors:
        raise Invalid(errors[0].detail, *errors)
    after = list(dict.fromkeys([group for group in before if not sight.sees_group(group)] + wanted))
    if not after:
        raise Conflict("would_leave_without_group", "A customer is always in at least one group.")
    # the order that there was stays, so that a set given in another order is no change
    return [group for group in before if group in after] + [group for group in after if group not in before]


def _fields(document: Document, patch: Mapping[str, Any] | None, sight: Sight) -> dict[str, Any]:
    seen = sight.fields_of(document)
    after = dict(document["fields"])
    if patch is None:
        patch = dict.fromkeys(seen & after.keys())
    errors = []
    for field_id, value in patch.items():
        if field_id not in seen:
            errors.append(FieldError(f"fields.{field_id}", "unknown_field", "There is no such field on this customer."))
            continue
        try:
            read = read_value(sight.definitions.fields[field_id], sight.definitions, value)
        except WrongValue as wrong:
            errors.append(FieldError(f"fields.{field_id}", "wrong_value", str(wrong)))
            continue
        after[field_id] = read
        if read is None:
            del after[field_id]
    if errors:
        raise Invalid(errors[0].detail, *errors)
    return after


def _links(before: list[dict[str, Any]], wanted: list[Mapping[str, Any]], sight: Sight) -> list[dict[str, Any]]:
    hidden = {link["id"]: link for link in before if not sight.sees_customer(link["id"])}
    for place, link in enumerate(wanted):
        if link["id"] in hidden:
            _refuse_hidden(f"organizations.{place}.id", link["id"])
    links = {link["id"]: {"id": link["id"], "position": link.get("position")} for link in wanted}
    return [*hidden.values(), *links.values()]


def _refuse_hidden(path: str, customer_id: str | None) -> None:
    """The answer that an id gets which is of nobody: a hidden one is not to be told from that."""
    if customer_id is not None:
        detail = f"There is no organization “{customer_id}”."
        raise Invalid(detail, FieldError(path, "unknown_organization", detail))


def refuse_missing(before: Document, after: Document, sight: Sight) -> None:
    """C4, required: refuses what newly leaves a required field empty that the caller sees. Raises `Invalid`."""
    had = _missing(before, sight)
    errors = [
        FieldError(f"fields.{field_id}", "required", f"“{sight.definitions.fields[field_id].title}” is required.")
        for field_id in sorted(_missing(after, sight) - had)
    ]
    if errors:
        raise Invalid(errors[0].detail, *errors)


def _missing(document: Document, sight: Sight) -> set[str]:
    if not document["groups"]:
        return set()
    fields = sight.definitions.fields
    return {name for name in sight.fields_of(document) if fields[name].required and name not in document["fields"]}
