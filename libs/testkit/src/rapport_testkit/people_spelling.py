"""How made-up people spell: one number, address or name in the many ways of a spreadsheet; the key never changes by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Chance = Callable[[], float]
Spelling = Callable[[str], str]

_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_STEP: Final = 7_368_787  # a prime: consecutive people do not get consecutive numbers, and none gets another's
_LETTER_VARIANTS: Final = str.maketrans({"ی": "ي", "ک": "ك"})


@dataclass(frozen=True, slots=True)
class Plan:
    """A country's numbers of one kind: `prefixes` and then one of `room` subscriber numbers from `first` on."""

    country_code: str
    prefixes: tuple[str, ...]
    first: int
    room: int
    spellings: tuple[Spelling, ...]

    def national(self, number: int) -> str:
        """The national number of person `number`: nobody else's of this plan while there are fewer than `room` people."""
        subscriber = self.first + number * _STEP % self.room
        return f"{self.prefixes[number % len(self.prefixes)]}{subscriber}"

    def respell(self, key: str, chance: Chance) -> str:
        """Any spelling of the number whose E.164 is `key`."""
        national = key[1 + len(self.country_code) :]
        return self.spellings[int(chance() * len(self.spellings))](national)


@dataclass(frozen=True, slots=True)
class Country:
    """The two kinds of numbers that people of a country have."""

    mobile: Plan
    line: Plan


def spell(plan: Plan, number: int, chance: Chance) -> tuple[str, str]:
    """The number of person `number` in some spelling, and its E.164."""
    national = plan.national(number)
    return plan.spellings[int(chance() * len(plan.spellings))](national), f"+{plan.country_code}{national}"


def respell_email(key: str, chance: Chance) -> str:
    """The address in another letter case, or with blanks around it; mostly as it is."""
    dice = chance()
    if dice < 0.8:
        return key
    if dice < 0.88:
        return key.upper()
    return key.title() if dice < 0.95 else f" {key} "


def respell_name(name: str | None, chance: Chance) -> str | None:
    """The name as somebody else types it: mostly the same, else another case or letter variant, or with one typo."""
    dice = chance()
    if name is None or dice < 0.6:
        return name
    if dice < 0.75:
        return name.upper() if name.isascii() else name.translate(_LETTER_VARIANTS).replace("\u200c", " ")
    at = 1 + int(chance() * (len(name) - 2)) if len(name) > 2 else 0
    if dice < 0.85:
        return name[:at] + name[at + 1 :] if len(name) > 3 else name  # a letter left out
    if dice < 0.93:
        return name[:at] + name[at] + name[at:]  # a letter doubled
    return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]  # two letters swapped


def _persian(spelling: Spelling) -> Spelling:
    return lambda d: spelling(d).translate(_PERSIAN_DIGITS)


def _with(code: str, trunk: str, *cuts: int) -> tuple[Spelling, ...]:
    """The spellings that every country has; `cuts` are the places where people put a blank."""

    def cut(d: str, by: str) -> str:
        ends = (*cuts, len(d))
        return by.join(d[start:end] for start, end in zip((0, *cuts), ends, strict=True))

    return (
        lambda d: f"+{code}{d}",
        lambda d: f"+{code} {cut(d, ' ')}",
        lambda d: f"00{code}{d}",
        lambda d: f"00{code} {cut(d, '-')}",
        lambda d: f"{trunk}{d}",
        lambda d: f"{trunk}{d}",
        lambda d: f"{trunk}{cut(d, ' ')}",
        lambda d: f"{trunk}{cut(d, '-')}",
        lambda d: f"({trunk}{d[: cuts[0]]}) {cut(d[cuts[0] :], '')}",
        lambda d: f" {trunk}{cut(d, ' ')} ",
        lambda d: f"tel:+{code}-{cut(d, '-')}",
    )


_IRAN: Final = (
    *_with("98", "0", 3, 6),
    _persian(lambda d: f"0{d}"),
    _persian(lambda d: f"0{d[:3]} {d[3:6]} {d[6:]}"),
    lambda d: f"0{d}".translate(_ARABIC_DIGITS),
    lambda d: d,  # a spreadsheet took the leading zero
    lambda d: f"98{d}",
    lambda d: f"0{d[:3]}\u200c{d[3:]}",
)
_UNITED_STATES: Final = (*_with("1", "", 3, 6), lambda d: f"({d[:3]}) {d[3:6]}-{d[6:]}", lambda d: f"1-{d[:3]}-{d[3:]}")
_BRITAIN: Final = _with("44", "0", 4)
_GERMANY: Final = (*_with("49", "0", 3), lambda d: f"0{d[:3]}/{d[3:]}")

PLANS: Final = {
    "IR": Country(
        Plan("98", ("912", "935", "919", "903", "990"), 1_000_000, 9_000_000, _IRAN),
        Plan("98", ("21", "26", "31", "51"), 20_000_000, 70_000_000, _with("98", "0", 2)),
    ),
    "US": Country(
        Plan("1", ("646", "929", "628"), 2_000_000, 8_000_000, _UNITED_STATES),
        Plan("1", ("212", "312", "415", "617"), 2_000_000, 8_000_000, _UNITED_STATES),
    ),
    "GB": Country(
        Plan("44", ("770", "791", "740"), 1_000_000, 9_000_000, _BRITAIN),
        Plan("44", ("20", "29"), 70_000_000, 20_000_000, _with("44", "0", 2, 6)),
    ),
    "DE": Country(
        Plan("49", ("151", "160", "170"), 10_000_000, 90_000_000, _GERMANY),
        Plan("49", ("30", "40", "89"), 10_000_000, 90_000_000, _with("49", "0", 2)),
    ),
}
