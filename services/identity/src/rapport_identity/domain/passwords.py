"""The rules for passwords: length and guessability, no composition rules (NIST SP 800-63B, section 5.1.1.2)."""

from __future__ import annotations

import secrets
import unicodedata

SHORTEST, LONGEST = 8, 256

# What attackers try first, by the stems that remain when digits and marks at the ends are taken off.
_COMMON = (
    "password passwort passw0rd p@ssword p@ssw0rd letmein welcome admin administrator master qwerty "
    "qwertyui qwertyuiop qwertz azerty asdfghjkl asdfghjk zxcvbnm abc abcd abcdef abcdefgh abcdefghi "
    "iloveyou princess sunshine football baseball superman batman dragon monkey shadow michael "
    "jordan trustno computer internet changeme default secret whatever starwars charlie freedom "
    "jennifer samsung rapport customer customers company office "
)
_STEMS = frozenset(_COMMON.split())
_SEQUENCES = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)
# Without letters and digits that look alike, as it is read from a screen and typed.
_READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def normalise(password: str) -> str:
    """The form that is hashed: NFKC, so that the same keys pressed on two systems give the same password."""
    return unicodedata.normalize("NFKC", password)


def password_fault(password: str, *, username: str) -> tuple[str, str] | None:
    """`(code, words)` for what is wrong with a new password; None when it may be taken.

    Codes: `too_short`, `too_long`, `too_common`, `like_username`.
    """
    plain = normalise(password)
    if len(plain) < SHORTEST:
        return "too_short", f"A password has at least {SHORTEST} characters."
    if len(plain) > LONGEST:
        return "too_long", f"A password has at most {LONGEST} characters."
    folded = plain.casefold()
    name = username.casefold()
    if len(name) >= 3 and name in folded and len(folded) - len(name) < SHORTEST:  # noqa: PLR2004
        return "like_username", "The password is little more than the username."
    if _is_common(folded):
        return "too_common", "This password is among the first that are tried. Choose another."
    return None


def make_password(seed: bytes | None = None) -> str:
    """A new password to be shown once: four groups of five readable characters, about 115 bits.

    The same `seed` (32 secret bytes) gives the same password.
    """
    number = int.from_bytes(seed or secrets.token_bytes(32))
    letters = []
    for _ in range(20):
        number, letter = divmod(number, len(_READABLE))
        letters.append(_READABLE[letter])
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))


def _is_common(folded: str) -> bool:
    if len(set(folded)) < 4 or any(folded in sequence for sequence in _SEQUENCES):  # noqa: PLR2004
        return True
    stem = folded.strip("0123456789!@#$%^&*()-_=+.,?/ ")
    if not stem:
        return len(folded) < 12 and folded.isdigit()  # noqa: PLR2004  a date or a phone number
    return stem in _STEMS
