"""Session tokens, CSRF tokens and API keys: made here, kept only as hashes, so that a stolen database opens nothing."""

from __future__ import annotations

import base64
import hashlib
import secrets

API_KEY_PREFIX = "rpk_"
_BYTES = 32


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(_BYTES)


def new_api_key(seed: bytes | None = None) -> str:
    """A new API key; the prefix lets scanners of leaked secrets know it. The same `seed` (32 secret bytes) gives the same."""
    random = seed or secrets.token_bytes(_BYTES)
    return API_KEY_PREFIX + base64.urlsafe_b64encode(random).decode().rstrip("=")


def fingerprint(secret: str) -> str:
    """How a token or key is kept: SHA-256. They are random, so that a slow hash would protect nothing more."""
    return hashlib.sha256(secret.encode()).hexdigest()
