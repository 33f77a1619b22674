"""How customers sort: one unique token a sortable field, compared as bytes on every engine, so that a page is a range on it (Q5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from rapport_contracts.text import collation_key

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TOKEN: Final = re.compile(r"[0-9A-Za-z_-]{1,1000}")
_NO_KEY: Final = "ff00"
_SIGN: Final = 1 << 63
_NUMBER: Final = 16  # digits
INSTANTS: Final = ("created_at", "updated_at")
_SHOWN_AS: Final = {"name": "display_name"}


def micros(at: datetime) -> int:
    """Microseconds since the epoch, exact."""
    return (at - _EPOCH) // _MICROSECOND


def number_token(number: int) -> str:
    """16 hex digits that order as the signed 64-bit numbers do."""
    return f"{number + _SIGN:016x}"


def is_token(token: str) -> bool:
    """Whether a token that comes back from a client may be one of ours."""
    return _TOKEN.fullmatch(token) is not None


@lru_cache(maxsize=1 << 15)
def text_sort_key(text: str | None) -> str:
    """The hex collation key of a text; empty ones come last."""
    return collation_key(text).hex() if text else _NO_KEY


def sort_token(value: str | int | None, customer_id: str) -> str:
    """The token of a customer whose sorted value (a text, or microseconds) this is."""
    key = number_token(value) if isinstance(value, int) else text_sort_key(value)
    return key + customer_id


def token_of(item: Mapping[str, Any], field: str) -> str:
    """The sort token of an item that is shown."""
    shown = item.get(_SHOWN_AS.get(field, field))
    if field in INSTANTS:
        return sort_token(micros(datetime.fromisoformat(str(shown))), item["id"])
    return sort_token(flag_text(shown) if isinstance(shown, bool) else shown, item["id"])


def flag_text(flag: bool) -> str:
    """A flag as it compares."""
    return "true" if flag else "false"


def split_token(field: str, token: str) -> tuple[bytes | int, str]:
    """The collation key (or the microseconds) and the customer's id in a token. Raises `ValueError` for what is no token of the field."""
    if field in INSTANTS:
        return int(token[:_NUMBER], 16) - _SIGN, token[_NUMBER:]
    end = next((at for at in range(0, len(token) - 1, 2) if token[at : at + 2] == "00"), None)
    if end is None:
        raise ValueError(f"not a token: {token!r}")
    return bytes.fromhex(token[:end]), token[end + 2 :]
