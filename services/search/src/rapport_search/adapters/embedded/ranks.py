"""Numbers that order as the sort tokens do, eight characters each: columns of numbers are read where tokens would be looked up.

A text has as many as it needs, at most `LEVELS`; whether the last of them leaves nothing open is told by its lowest byte.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from rapport_contracts.text import collation_key
from rapport_search.domain.order import NO_KEY

LEVELS: Final = 3
_SIZE: Final = 8
_ALL: Final = LEVELS * _SIZE
_NUMBERS: Final = Struct(f">{LEVELS}Q")
_EMPTY: Final = (0xFFFF_FFFF_FFFF_FF00,)
_ASCII, _PERSIAN, _BEYOND = 0x80, 0x621, 0x69C
_BEFORE, _AFTER = 0x80, 0xFE  # of a character without a byte of its own: what follows it is not told


class _Bytes(dict[int, str]):
    """A byte for each character of a collation key, filled as they are met."""

    def __missing__(self, code: int) -> str:
        if code >= _ASCII:
            own = code - _PERSIAN + _BEFORE + 1 if _PERSIAN <= code < _BEYOND else _AFTER
            self[code] = chr(_BEFORE if code < _PERSIAN else own)
        else:
            self[code] = chr(code)
        return self[code]


_BYTES: Final = _Bytes()


def ranks_of(text: str | None) -> tuple[int, ...]:
    """The ranks of a text; of none those beyond every text's."""
    return ranks_of_key(collation_key(text)[:-1]) if text else _EMPTY


def ranks_of_key(key: bytes) -> tuple[int, ...]:
    """The ranks of a collation key without its closing zero."""
    if key == NO_KEY:
        return _EMPTY
    told = key if key.isascii() else _told(key)
    return _NUMBERS.unpack(told[:_ALL].ljust(_ALL, b"\x00"))[: len(told) // _SIZE + 1]


def settled(rank: int) -> bool:
    """Whether texts whose last rank is this one are equal, as far as they sort."""
    return rank & 0xFF == 0


def _told(key: bytes) -> bytes:
    """A byte a character up to the first without one, which is followed by ones up to the end: it settles nothing."""
    told = key.decode("utf-8", "surrogatepass")[: _ALL + 1].translate(_BYTES).encode("latin-1")
    for at, byte in enumerate(told):
        if byte in (_BEFORE, _AFTER):
            return told[: at + 1].ljust(_ALL, b"\x01")
    return told
