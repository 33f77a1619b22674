"""How customers sort: a sortable field has a unique token, compared as bytes on every engine: a page is a range on it (Q5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from rapport_contracts.text import collation_key

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NUMBER_TOKEN: Final = re.compile(r"([0-9a-f]{16})([0-9A-Za-z_-]{1,64})")
_TEXT_TOKEN: Final = re.compile(r"((?:[1-9a-f][0-9a-f]|0[1-9a-f]){0,500}?)00([0-9A-Za-z_-]{1,64})")
NO_KEY: Final = b"\xff"  # no text's key has this byte
_SIGN: Final = 1 << 63
INSTANTS: Final = ("created_at", "updated_at")
_SHOWN_AS: Final = {"name": "display_name"}


def micros(at: datetime) -> int:
    """Microseconds since the epoch, exact."""
    return (at - _EPOCH) // _MICROSECOND


def number_token(number: int) -> str:
    """16 hex digits that order as the signed 64-bit numbers do."""
    return f"{number + _SIGN:016x}"


@lru_cache(maxsize=1 << 15)
def text_sort_key(text: str | None) -> str:
    """The hex collation key of a text; empty ones come last."""
    return collation_key(text).hex() if text else f"{NO_KEY.hex()}00"


def token(key: str | int, customer_id: str) -> str:
    """The token of a customer who sorts by this collation key, or by these microseconds."""
    return (number_token(key) if isinstance(key, int) else key) + customer_id


def sort_token(value: str | int | None, customer_id: str) -> str:
    """The token of a customer whose sorted value (a text, or microseconds) this is."""
    return token(value if isinstance(value, int) else text_sort_key(value), customer_id)


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
    """The collation key without its closing zero (or the microseconds), and the customer's id.

    Raises `ValueError` for what is no token of the field: it comes back from a client.
    """
    match = (_NUMBER_TOKEN if field in INSTANTS else _TEXT_TOKEN).fullmatch(token)
    if match is None:
        raise ValueError(f"not a token: {token!r}")
    if field in INSTANTS:
        return int(match[1], 16) - _SIGN, match[2]
    key = bytes.fromhex(match[1])
    if key != NO_KEY:
        key.decode("utf-8", "surrogatepass")
    return key, match[2]


def key_and_id(field: str, token: str) -> tuple[str | int, str]:
    """What `token` was made of. Raises `ValueError` as `split_token`."""
    key, customer_id = split_token(field, token)
    return key if isinstance(key, int) else f"{key.hex()}00", customer_id


def is_token(field: str, token: str) -> bool:
    """Whether a token that comes back from a client may be one of ours."""
    try:
        split_token(field, token)
    except ValueError:
        return False
    return True
