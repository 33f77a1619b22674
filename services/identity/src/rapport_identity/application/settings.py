"""The workspace's region, time zone, language and calendar (architecture: one workspace setting each)."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Any

import phonenumbers

from rapport_chassis.db import Tx
from rapport_chassis.problems import FieldError, Invalid, NotFound, Stale
from rapport_identity.application.audit import Origin, differences, record
from rapport_identity.application.publishing import publish
from rapport_identity.store import settings, versions
from rapport_identity.store.connection import Connection

FIELDS = ("region", "time_zone", "language", "calendar")


def get_settings(conn: Connection) -> dict[str, Any]:
    """`{region, time_zone, language, calendar, version}`."""
    found = settings.get(conn)
    if found is None:
        raise NotFound("The workspace has no settings yet.")
    return found


def change_settings(tx: Tx, origin: Origin, version: int, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Apply the fields of `patch`: `region` ISO 3166-1 alpha-2 that has phone numbers, `time_zone` an IANA name.

    Raises 412 `stale_version`, 422 `validation_failed`.
    """
    before = get_settings(tx.conn)
    if before["version"] != version:
        raise Stale(before)
    _check(patch)
    values = dict(patch) | {"version": versions.following(tx.conn)}
    settings.change(tx.conn, values)
    publish(tx, values["version"], settings.KEY)
    record(tx, origin, "settings_changed", ("settings", None), differences(before, values, FIELDS))
    return get_settings(tx.conn)


def _check(patch: Mapping[str, Any]) -> None:
    region = patch.get("region")
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        words = f"{region} is not a region with telephone numbers (two capital letters, ISO 3166-1)."
        raise Invalid(words, FieldError("region", "unknown_region", words))
    zone = patch.get("time_zone")
    if zone is not None and zone not in _zones():
        words = f"{zone} is not a time zone of the IANA list."
        raise Invalid(words, FieldError("time_zone", "unknown_time_zone", words))


def _zones() -> set[str]:
    return zoneinfo.available_timezones() - {"localtime", "posixrules", "Factory"}
