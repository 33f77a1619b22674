"""STOP and START words (features.md M5): a reply that is nothing but such a word sets consent, in whatever language it is."""

from __future__ import annotations

from typing import Final, Literal

from rapport_contracts.text import normalise

Wish = Literal["out", "in"]

# The whole reply must be the word. English: CTIA Messaging Principles and Twilio, "Support for opt-out keywords". «لغو۱۱» is what
# Iranian operators teach their subscribers. YES is deliberately no START word: people answer questions with it.
STOP: Final[dict[str, tuple[str, ...]]] = {
    "en": ("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"),
    "fa": ("لغو", "لغو ۱۱", "لغو۱۱", "توقف", "انصراف", "لغو عضویت", "قطع", "خروج"),
    "ar": ("إيقاف", "ايقاف", "توقف", "إلغاء", "إلغاء الاشتراك", "قف"),
    "de": ("STOPP", "ABMELDEN", "ABBESTELLEN", "AUS"),
    "es": ("PARAR", "BAJA", "ALTO", "CANCELAR", "DETENER"),
    "fr": ("ARRET", "ARRÊT", "ARRETER", "ARRÊTER", "DESABONNER", "DÉSABONNER", "STOP SMS"),
    "it": ("ANNULLA", "CANCELLA", "DISISCRIVI", "FERMA"),
    "pt": ("PARAR", "SAIR", "CANCELAR", "PARE"),
    "tr": ("DUR", "RET", "İPTAL", "IPTAL"),
}
START: Final[dict[str, tuple[str, ...]]] = {
    "en": ("START", "UNSTOP", "SUBSCRIBE", "OPTIN", "OPT IN", "RESUME"),
    "fa": ("شروع", "عضویت", "فعال", "وصل"),
    "ar": ("ابدأ", "اشتراك", "تفعيل"),
    "de": ("ANMELDEN", "STARTEN"),
    "es": ("ALTA", "INICIAR", "COMENZAR"),
    "fr": ("DEBUT", "DÉBUT", "COMMENCER", "ABONNER"),
    "it": ("ISCRIVI", "INIZIA", "AVVIA"),
    "pt": ("INICIAR", "COMEÇAR", "VOLTAR"),
    "tr": ("BAŞLA", "BASLA"),
}
_AROUND: Final = " .,;:!?…\"'«»“”‘’()[]*-_،؛؟"


def _folded(word: str) -> str:
    return normalise(word.strip(_AROUND)).strip(_AROUND)


_WISHES: Final[dict[str, Wish]] = {
    **{_folded(word): "in" for words in START.values() for word in words},
    **{_folded(word): "out" for words in STOP.values() for word in words},
}
_LONGEST: Final = max(map(len, _WISHES)) + 10


def wish(body: str) -> Wish | None:
    """`out` for a STOP word, `in` for a START word, None for every other text. Case and marks around do not count."""
    stripped = body.strip(_AROUND)
    return _WISHES.get(_folded(stripped)) if len(stripped) <= _LONGEST else None
