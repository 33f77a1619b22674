"""What a reading use case is given: the name of the connection for rooms that know no SQL."""

from __future__ import annotations

from sqlalchemy import Connection

__all__ = ["Connection"]
