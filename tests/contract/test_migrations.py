"""Migrations: the newest one by the names of the files is the one alembic ends at, because a start trusts the names."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from rapport_chassis.migrate import newest
from rapport_host.roles import NAMES
from rapport_host.services import load


@pytest.mark.parametrize("name", NAMES)
def test_the_newest_by_name_is_the_head_of_the_history(name: str) -> None:
    """G6."""
    package = load(name).migrations
    folder = Path(str(importlib.import_module(package).__file__)).parent
    assert ScriptDirectory(str(folder)).get_heads() == [newest(package)]
