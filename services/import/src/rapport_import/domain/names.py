"""A full name in one cell becomes a first and a last name; it never drops a word."""

from __future__ import annotations

from typing import Final

# Words that begin a family name and belong to it.
_PARTICLES: Final = frozenset(
    "van von de der den da di del della la le du dos al bin ibn ben ter ten zu st.".split()  # noqa: SIM905  a list of words
)


def split_name(full: str) -> tuple[str | None, str | None]:
    """(first, last) of a clean full name (I3). `Ahmadi, Reza` turns round; one word is the last name.

    The last word is the last name, with the particles before it («Ludwig van Beethoven»); in Persian and Arabic
    writing the first word is the first name, because family names there have several words («علی محمدی نژاد»).
    """
    last, comma, first = full.partition(",")
    if comma and last.strip() and first.strip():
        return first.strip(), last.strip()
    words = full.replace(",", " ").split()
    if len(words) < 2:  # noqa: PLR2004
        return None, (words[0] if words else None)
    cut = 1 if _is_arabic(full) else len(words) - 1
    while cut > 1 and words[cut - 1].lower() in _PARTICLES:
        cut -= 1
    return " ".join(words[:cut]), " ".join(words[cut:])


def _is_arabic(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text)
