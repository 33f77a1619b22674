"""What an operator can set: limits of uploads, from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from rapport_import.domain.files import Limits


def limits_from(env: Mapping[str, str]) -> Limits:
    """`RAPPORT_IMPORT_MAX_BYTES` of a file (default 256 MB), `RAPPORT_IMPORT_MAX_ROWS` of a sheet (default 1,048,576).

    Raises `ValueError` for what is no positive number.
    """
    usual = Limits()
    return Limits(
        upload_bytes=_positive(env, "RAPPORT_IMPORT_MAX_BYTES", usual.upload_bytes),
        rows=_positive(env, "RAPPORT_IMPORT_MAX_ROWS", usual.rows),
    )


def _positive(env: Mapping[str, str], name: str, usual: int) -> int:
    text = env.get(name)
    if not text:
        return usual
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} must be a positive number, not {text!r}")
    return int(text)
