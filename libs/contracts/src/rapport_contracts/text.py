"""The one normaliser: what makes two spellings of a text the same text, for search, matching, duplicates and consent.

It folds; it never judges: nothing here refuses a value, except that what is no e-mail address has no e-mail key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LATIN_WITHOUT_DECOMPOSITION: Final = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "ə": "e", "ƒ": "f", "ɓ": "b", "ɗ": "d", "ɛ": "e", "ɔ": "o", "ɨ": "i", "ƙ": "k", "ƴ": "y", "ŀ": "l",
}  # fmt: skip
_ARABIC_VARIANTS: Final = {
    "ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ڪ": "ک", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ٱ": "ا",
}  # fmt: skip
_DROPPED: Final = (
    "\u0640\u00ad\u200d\u200e\u200f\u061c\u2060\ufeff\u0670\x00"  # tatweel, joiners, marks of direction, dagger alef
    + "".join(
        map(chr, (*range(0x0610, 0x061B), *range(0x064B, 0x0660), *range(0x06D6, 0x06DD), *range(0x06DF, 0x06E5)))
    )
    + "".join(map(chr, (0x06E7, 0x06E8, *range(0x06EA, 0x06EE), *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
)
_SPACES: Final = "\u200c\u200b\u2028\u2029"  # the half-space separates the parts of a Persian word


def _decimal_digits() -> dict[int, str]:
    """Every decimal digit of every script (Persian, Arabic, Devanagari, …) to its ASCII digit."""
    beyond_ascii = map(chr, range(0x80, 0x20000))  # no plane beyond holds digits
    return {ord(char): str(unicodedata.decimal(char)) for char in beyond_ascii if char.isdecimal()}


DECIMAL_DIGITS: Final = _decimal_digits()
_FOLDED: Final[dict[int, str]] = (
    {ord(char): to for char, to in (_LATIN_WITHOUT_DECOMPOSITION | _ARABIC_VARIANTS).items()}
    | DECIMAL_DIGITS
    | {ord(char): "" for char in _DROPPED}
    | {ord(char): " " for char in _SPACES}
)
_LATIN_MARKS: Final = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
# Texts of these characters alone are already folded, whatever their order: a cheap proof that saves a second pass.
_SETTLED: Final = re.compile(r"[ !-@\[-~\u0621\u0627\u0628\u062a-\u063a\u0641\u0642\u0644-\u0648پچژکگی«»،؛؟]*")


def normalise(text: str) -> str:
    """The folded form by which texts are compared (Q1, architecture.md "One normaliser").

    NFKC, case folded, Latin diacritics stripped, Persian and Arabic letter variants joined (ي ی ى ئ, ك ک, ة ه, أ إ آ
    ا, ؤ و), tatweel, harakat and marks of direction removed, every decimal digit in ASCII, half-space and no-break
    space as a space, white space collapsed and trimmed. Idempotent. ASCII text takes a path of its own, well under a
    microsecond.
    """
    if text.isascii():
        return " ".join(text.lower().replace("\x00", "").split())
    return _normalised(text)


@lru_cache(maxsize=1 << 15)
def _normalised(text: str) -> str:
    folded = _fold(text)
    while not _SETTLED.fullmatch(folded):
        again = _fold(folded)
        if again == folded:
            break
        folded = again
    return folded


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    stripped = _LATIN_MARKS.sub("", decomposed.translate(_FOLDED))
    return " ".join(unicodedata.normalize("NFKC", stripped).split())


def digits(text: str) -> str:
    """The decimal digits of `text` in ASCII, everything else left out: «۰۹۱۲ ۳۴۵» gives `0912345`."""
    ascii_digits = text if text.isascii() else text.translate(DECIMAL_DIGITS)
    return _NO_DIGITS.sub("", ascii_digits)


_NO_DIGITS: Final = re.compile(r"[^0-9]+")
_ASCII_WORDS: Final = re.compile(r"[a-z0-9]+")


class _WordCharacters(dict[int, int | str]):
    """Letters, marks and numbers stay; everything else separates words. Filled as characters are met."""

    def __missing__(self, code: int) -> int | str:
        kept: int | str = code if unicodedata.category(chr(code))[0] in "LMN" else " "
        self[code] = kept
        return kept


_WORD_CHARACTERS: Final = _WordCharacters()


def words(text: str) -> list[str]:
    """The words of the normalised text: runs of letters, marks and digits, in order. «علی‌رضا O'Neil» has four."""
    folded = normalise(text)
    if folded.isascii():
        return _ASCII_WORDS.findall(folded)
    return folded.translate(_WORD_CHARACTERS).split()


_MAILTO: Final = re.compile(r"^\s*mailto:", re.IGNORECASE)
_PLAIN_EMAIL: Final = re.compile(
    r"(?!.{255})[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*(?<!.{65})"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_LONGEST_LOCAL_PART: Final = 64
_UNICODE_LOCAL_PART: Final = re.compile(r"[^\s\x00-\x1f\"(),:;<>@\[\\\]]+")


def normalise_email(value: str) -> str | None:
    """The key of an e-mail address (C2: matched case-insensitively), or None for what is none.

    Lower case, digits in ASCII, an international domain in its ASCII form (RFC 5891, A-label), `mailto:` dropped.
    Accepts dot-atoms (RFC 5322) and their Unicode extension (RFC 6531), at most 64 octets before the @ and 254 in
    all, and a domain of two or more labels.
    """
    key = _MAILTO.sub("", value).strip().lower()
    if not key.isascii():
        key = _ascii_email(key) or ""
    local, _, _ = key.partition("@")
    if len(local.encode()) > _LONGEST_LOCAL_PART:
        return None
    if key.isascii():
        return key if _PLAIN_EMAIL.fullmatch(key) else None
    return key


def _ascii_email(value: str) -> str | None:
    folded = (
        unicodedata.normalize("NFKC", value).casefold().translate(DECIMAL_DIGITS | dict.fromkeys(map(ord, _DROPPED)))
    )
    local, at, domain = unicodedata.normalize("NFC", folded).strip().rpartition("@")
    if not at or not _UNICODE_LOCAL_PART.fullmatch(local) or local.startswith(".") or local.endswith("."):
        return None
    try:
        domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    key = f"{local}@{domain}"
    return key if _PLAIN_EMAIL.fullmatch(f"x@{domain}") and ".." not in local else None


_ALPHABET: Final = "ءاآبپتٹثجچحخدڈذرڕڑزژسشصضطظعغفڤقکگلڵمنںوۆۇۋهیێے"
_COLLATED: Final = {ord(letter): chr(0x0621 + place) for place, letter in enumerate(_ALPHABET)}
_COLLATED_CHARACTERS: Final = 96


def collation_key(text: str) -> bytes:
    """An order key for names: keys compare as bytes, on every engine, in the order in which people look names up.

    White space sorts before punctuation, digits, Latin letters (case and diacritics ignored) and other scripts;
    Persian and Arabic letters follow the Persian alphabet (پ after ب, گ after ک, ی last), which their code points do
    not. Equal keys mean equal folded texts up to their first 96 characters, so callers append an id to break ties.
    The key ends in a zero byte and has no other: a name that begins another sorts before it whatever follows
    (`collation_key(name).hex() + id`).
    """
    folded = normalise(text)[:_COLLATED_CHARACTERS]
    if folded.isascii():
        return folded.encode() + b"\x00"
    return folded.translate(_COLLATED).encode("utf-8", "surrogatepass") + b"\x00"
