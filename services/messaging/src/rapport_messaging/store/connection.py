"""The database types that use cases name, so that only this room knows the library."""

from __future__ import annotations

from sqlalchemy import Connection, Row

__all__ = ["Connection", "Row"]
