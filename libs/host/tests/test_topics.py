"""`rapport topics apply`, and what a start and a check say on Kafka."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rapport_contracts.topics import ALL
from rapport_testkit.engines import running
from rapport_testkit.engines.ports import free_port


def test_the_embedded_bus_has_nothing_to_apply(rapport, tmp_path: Path):
    ended = rapport("topics", "apply", data=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "RAPPORT_BUS_URL names no Kafka" in ended.stderr


def test_a_kafka_that_is_away_is_no_wrong_configuration(rapport, tmp_path: Path):
    ended = rapport("topics", "apply", data=tmp_path, RAPPORT_BUS_URL=f"kafka://127.0.0.1:{free_port()}")
    assert ended.returncode == 75
    assert ended.stderr.splitlines()[-1].startswith("rapport: Kafka: connect:")


@pytest.mark.timeout(240)
def test_a_start_is_refused_until_the_topics_are_made(rapport, tmp_path: Path):
    env = {"RAPPORT_BUS_URL": f"{running('kafka').url}?prefix=host-{os.getpid()}.", "RAPPORT_PORT": str(free_port())}
    refused = rapport("up", data=tmp_path, **env)
    assert refused.returncode == 78
    assert "make them with “rapport topics apply”" in refused.stderr
    looked = rapport("check", data=tmp_path, **env)
    assert "LOOK  bus: Kafka has no topics" in looked.stdout
    made = rapport("topics", "apply", data=tmp_path, **env)
    assert made.returncode == 0
    assert len(made.stdout.splitlines()) == len(ALL)
    assert rapport("topics", "apply", data=tmp_path, **env).stdout == "all topics are as they must be\n"
    assert "ok    bus: Kafka answers and has all topics" in rapport("check", data=tmp_path, **env).stdout
