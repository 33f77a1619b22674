"""What a username may look like, and the key under which it is unique."""

from __future__ import annotations

import re
import unicodedata

_ALLOWED = re.compile(r"[\w][\w.@+-]*", re.UNICODE)
_SHORTEST, _LONGEST = 2, 64


def username_key(username: str) -> str:
    """The form under which usernames are compared: NFKC, case-folded, trimmed (RFC 8265 in spirit)."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def username_fault(username: str) -> str | None:
    """Why `username` cannot be taken, in words for a person; None when it can."""
    key = username_key(username)
    if not _SHORTEST <= len(key) <= _LONGEST:
        return f"A username has {_SHORTEST} to {_LONGEST} characters."
    if not _ALLOWED.fullmatch(key):
        return "A username has letters, digits and . _ - + @ only, and starts with a letter or digit."
    return None
