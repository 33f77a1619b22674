"""The deployment's files, read: compose, manifests, the Dockerfile, the table of who calls whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rapport_testkit.manifests import Manifest, built

ROOT = Path(__file__).parents[2]
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
Process = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """What a process calls, by the table."""

    calls: frozenset[str]
    engines: frozenset[str]


@cache
def table() -> dict[Process, Row]:
    """Who calls whom, of docs/architecture/deployment.md."""
    page = (ROOT / "docs" / "architecture" / "deployment.md").read_text()
    lines = re.findall(r"^\| (\w+) (web|worker) \|(.*)\|(.*)\|$", page, re.MULTILINE)
    return {(name, role): Row(_words(calls), _words(engines)) for name, role, calls, engines in lines}


def _words(cell: str) -> frozenset[str]:
    return frozenset(word.strip() for word in cell.split(",") if word.strip())


@cache
def compose() -> dict[str, Any]:
    """The services of docker-compose.yml."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return services


def composed() -> dict[Process, dict[str, Any]]:
    """Our processes in docker-compose.yml."""
    ours = {name: one for name, one in compose().items() if one["image"].startswith("rapport:")}
    return {(one["command"][1], one["command"][3]): one for one in ours.values() if one["command"][0] == "serve"}


@cache
def manifests(overlay: str) -> list[Manifest]:
    """What an overlay builds."""
    return built(ROOT / "deploy" / "k8s" / "overlays" / overlay)


def of_kind(overlay: str, kind: str) -> list[Manifest]:
    """Its manifests of a kind."""
    return [one for one in manifests(overlay) if one["kind"] == kind]


def deployed(overlay: str) -> dict[Process, Manifest]:
    """Its Deployments."""
    labels = [(one["spec"]["template"]["metadata"]["labels"], one) for one in of_kind(overlay, "Deployment")]
    return {(found[NAME], found[COMPONENT]): one for found, one in labels}


def container(deployment: Manifest) -> Manifest:
    """The one container of a Deployment."""
    (one,) = deployment["spec"]["template"]["spec"]["containers"]
    found: Manifest = one
    return found


def dockerfile(instruction: str) -> str:
    """The last such instruction of the Dockerfile, its lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return re.findall(rf"^{instruction} (.*)$", text, re.MULTILINE)[-1]


def image_environment() -> dict[str, str]:
    """The environment that the image brings."""
    return dict(word.split("=", 1) for word in dockerfile("ENV").split())


def entrypoint() -> list[str]:
    """What the image runs before a command."""
    words: list[str] = json.loads(dockerfile("ENTRYPOINT"))
    return words


def sources() -> Iterator[Path]:
    """The code that is delivered."""
    for pattern in ("libs/*/src", "services/*/src", "gateway/src"):
        for folder in sorted(ROOT.glob(pattern)):
            if folder.parent.name != "testkit":
                yield from folder.rglob("*.py")
