"""Messaging's settings from the environment; what is not set falls back to the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Twilio:
    """An account: `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`, `TWILIO_FROM` (a number, or a messaging service `MG…`)."""

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    base_url: str = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class Price:
    """What one part of an SMS costs: `RAPPORT_SMS_PRICE`, such as `0.0079 USD`."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Pacing:
    """How messages are handed over. `lease` is three times `call_timeout`: waiting, calling, recording."""

    per_second: float = 100.0  # RAPPORT_SMS_PER_SECOND, for each provider
    together: int = 64  # calls in flight
    call_timeout: timedelta = timedelta(seconds=10)
    lease: timedelta = timedelta(seconds=30)
    settle: timedelta = timedelta(seconds=10)  # before a provider's list is trusted not to have a message
    give_up: timedelta = timedelta(hours=24)  # after the first attempt


@dataclass(frozen=True, slots=True)
class Config:
    """Everything messaging is told from outside."""

    twilio: Twilio | None = None
    public_url: str | None = None  # RAPPORT_PUBLIC_URL: what providers call; without it nobody reports delivery
    price: Price | None = None
    pacing: Pacing = field(default_factory=Pacing)

    @staticmethod
    def of(env: Mapping[str, str]) -> Config:
        """The settings in `env`. Raises `ValueError` for half a Twilio account or a price that is none."""
        url = env.get("RAPPORT_PUBLIC_URL", "").rstrip("/")
        return Config(_twilio(env), url or None, _price(env.get("RAPPORT_SMS_PRICE", "")), _pacing(env))


def _twilio(env: Mapping[str, str]) -> Twilio | None:
    names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
    sid, token, sender = (env.get(name, "") for name in names)
    if not (sid or token or sender):
        return None
    if not (sid and token and sender):
        raise ValueError(f"Twilio needs all of {', '.join(names)}")
    base = env.get("TWILIO_BASE_URL", "").rstrip("/") or "https://api.twilio.com"
    return Twilio(sid, token, sender, base)


def _price(text: str) -> Price | None:
    if not text.strip():
        return None
    try:
        amount, currency = text.split()
        return Price(Decimal(amount), currency.upper())
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"RAPPORT_SMS_PRICE: “{text}” is not like “0.0079 USD”") from error


def _pacing(env: Mapping[str, str]) -> Pacing:
    usual = Pacing()
    per_second = float(env.get("RAPPORT_SMS_PER_SECOND", usual.per_second))
    lease = timedelta(seconds=float(env.get("RAPPORT_SMS_LEASE_SECONDS", usual.lease.total_seconds())))
    settle = timedelta(seconds=float(env.get("RAPPORT_SMS_SETTLE_SECONDS", usual.settle.total_seconds())))
    if per_second <= 0 or lease <= timedelta(0):
        raise ValueError("RAPPORT_SMS_PER_SECOND and RAPPORT_SMS_LEASE_SECONDS must be above zero")
    return Pacing(per_second, call_timeout=min(usual.call_timeout, lease / 3), lease=lease, settle=settle)
