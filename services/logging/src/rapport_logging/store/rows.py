"""What queries are run on and what they give: the store's types for the rooms above it, which know no SQL."""

from __future__ import annotations

from sqlalchemy import Connection, Row

__all__ = ["Connection", "Row"]
