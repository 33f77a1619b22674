"""The kinds of log entries that exist (L1), and the words by which people look for them, in both languages."""

from __future__ import annotations

from typing import Final

from rapport_contracts.text import normalise

NOTE: Final = "note"
"""What a person writes by hand (L2); every other kind is written by the system and chained."""

_WORDS: Final = {
    NOTE: "note یادداشت",
    "customer_created": "customer created مشتری ایجاد شد",
    "customer_changed": "customer changed مشتری تغییر کرد ویرایش",
    "group_added": "group added گروه افزوده شد",
    "group_removed": "group removed گروه حذف شد",
    "imported": "imported import درون‌ریزی شد",
    "sms_sent": "sms sent پیامک ارسال شد فرستاده",
    "sms_received": "sms received پیامک دریافت شد",
}
KINDS: Final = frozenset(_WORDS)
_FOLDED: Final = {kind: f"{kind} {normalise(words)}" for kind, words in _WORDS.items()}


def kinds_named(part: str) -> list[str]:
    """The kinds whose name contains `part` (normalised), in either language or as the API spells it."""
    return [kind for kind, words in _FOLDED.items() if part in words]


def is_system(kind: str) -> bool:
    """Whether the system wrote it: nobody may edit or delete it (L1)."""
    return kind != NOTE
