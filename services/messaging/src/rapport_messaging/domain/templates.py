"""Texts with variables (features.md M2): `{{first_name}}`, `{{first_name|friend}}`; compiled once, rendered for many."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_VARIABLE: Final = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")

BUILT_IN: Final[tuple[str, ...]] = (
    "title",
    "first_name",
    "last_name",
    "name",
    "company_name",
    "position",
    "street",
    "city",
    "province",
    "postal_code",
    "country",
    "phone",
    "mobile",
    "email",
    "organization.name",
    "organization.position",
    "user.name",
)
LONGEST_TEXT: Final = 1_600  # characters; Twilio, "Message resource": the body's limit


class UnknownVariable(ValueError):  # noqa: N818  the code that the API says
    """A text names a variable that does not exist; `suggestion` is the nearest one that does, or None."""

    def __init__(self, name: str, suggestion: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text ready to be rendered: `literals[0] variable literals[1] variable …`, a variable being (name, default)."""

    literals: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables that the text uses."""
        return frozenset(name for name, _ in self.variables)

    def render(self, value: Callable[[str], str | None]) -> str:
        """The text for one recipient; an empty or missing value gives the variable's default, or nothing."""
        if not self.variables:
            return self.literals[0]
        pieces = [self.literals[0]]
        for (name, default), literal in zip(self.variables, self.literals[1:], strict=True):
            pieces += (value(name) or default, literal)
        return "".join(pieces)


def compile_text(text: str) -> Compiled:
    """Parse `text`. Nothing is refused here: `check` knows which variables exist; braces that pair with nothing are text."""
    pieces = _VARIABLE.split(text)
    variables = tuple((name, (default or "").strip()) for name, default in zip(pieces[1::3], pieces[2::3], strict=True))
    return Compiled(tuple(pieces[0::3]), variables)


def check(compiled: Compiled, known: Mapping[str, str]) -> None:
    """Refuse variables that do not exist. `known`: variable name -> title by which people know it (may be the name itself).

    Raises `UnknownVariable` for the first one, with the nearest name as a suggestion.
    """
    for name, _ in compiled.variables:
        if name not in known:
            raise UnknownVariable(name, _nearest(name, known))


def _nearest(name: str, known: Mapping[str, str]) -> str | None:
    spellings = {_plain(key): key for key in known} | {_plain(title): key for key, title in known.items()}
    spellings |= {_plain(key): key for key in known}  # a built-in name beats a custom field's title
    close = difflib.get_close_matches(_plain(name), spellings, n=1, cutoff=0.5)
    return spellings[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
