"""How the driver is told where PostgreSQL is: field by field, so that a password may hold what a URL may not."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rapport_chassis.postgres_engine import connect_args


@pytest.mark.parametrize("password", ["a b", "p@ss/w:rd?", "50%", "it's", "گذرواژه"])
def test_a_password_reaches_the_driver_as_it_is(password: str) -> None:
    told = connect_args(f"postgresql://me:{quote(password, safe='')}@host:5433/rapport_customers?sslmode=require", "x")
    read = conninfo_to_dict(make_conninfo(**told))
    assert (read["password"], read["user"], read["host"], read["port"]) == (password, "me", "host", "5433")
    assert (read["dbname"], read["sslmode"], read["application_name"]) == ("rapport_customers", "require", "rapport-x")
