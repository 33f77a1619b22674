"""What the environment may not say is refused with a clear word, before anything is opened."""

import pytest

from rapport_host.settings import Misconfigured, read_settings
from rapport_testkit.command import run_rapport


@pytest.mark.parametrize("port", ["http", "-1", "70000", "80.5", "", "٨٠"])
def test_a_port_that_is_none_is_refused_by_its_name(port):
    with pytest.raises(Misconfigured, match="RAPPORT_PORT must be a port number"):
        read_settings({"RAPPORT_PORT": port})


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("RAPPORT_DATABASE_URL", "mysql://me:secret@host/db"),
        ("RAPPORT_DATABASE_URL", "postgresql://me:secret@host/db"),
        ("RAPPORT_BUS_URL", "amqp://me:secret@host"),
        ("RAPPORT_SEARCH_URL", "https://host:9200"),
        ("RAPPORT_BLOB_URL", "gs://bucket"),
    ],
)
def test_another_engines_url_is_never_taken_for_the_embedded_one(name, url):
    with pytest.raises(Misconfigured, match=name) as refused:
        read_settings({name: url})
    assert "secret" not in str(refused.value)


def test_what_is_not_set_has_the_documented_default():
    settings = read_settings({})
    assert (settings.port, settings.host, settings.metrics_port) == (8080, "127.0.0.1", None)
    assert settings.data.name == "data"


def test_two_processes_that_start_together_share_one_identity_key(tmp_path):
    first, second = (read_settings({"RAPPORT_DATA": str(tmp_path / "data")}) for _ in range(2))
    assert first.identity_key() == second.identity_key()
    assert (tmp_path / "data" / "identity.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("command", [["up"], ["check"], ["serve", "customers", "--role", "web"], ["backup", "x"]])
def test_every_command_ends_with_78_and_one_line(tmp_path, command):
    ended = run_rapport(*command, data=tmp_path, RAPPORT_PORT="http")
    assert (ended.returncode, ended.stderr) == (78, "rapport: RAPPORT_PORT must be a port number, not 'http'\n")
