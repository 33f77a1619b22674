"""Kubernetes' manifests as `kustomize` builds them, and what is wrong with them by the schemas of Kubernetes and KEDA."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from rapport_testkit.engines.cache import kept, program, run
from rapport_testkit.engines.engine import EngineMissing

KUBERNETES = "1.33"
_KUSTOMIZE = "5.7.1"
_KUSTOMIZE_SUM = "h1:sYJsarwy/SDJfjjLMUqwFDGPwzUtMOQ1i1Ed49+XSbw="
_KEDA = "2.17.2"
_KEDA_SHA256 = "328562a1c1342facadd4f5875e4591244fedfb32f3c13c053920c0b248af2535"
_GO = "Go ≥ 1.23 (Debian: apt install golang, or go.dev)"
Manifest = dict[str, Any]


def built(folder: Path) -> list[Manifest]:
    """What `kustomize build` makes of an overlay. Raises `EngineMissing` without Go, `ValueError` with kustomize's word."""
    made = subprocess.run([_kustomize(), "build", folder], capture_output=True, text=True, check=False)
    if made.returncode:
        raise ValueError(f"{folder.name}: {made.stderr}")
    return list(yaml.safe_load_all(made.stdout))


def faults(manifests: list[Manifest]) -> Iterator[str]:
    """What the schemas refuse, an unknown property among it; a sentence each."""
    for one in manifests:
        name = f"{one['kind']} {one['metadata']['name']}"
        try:
            if one["apiVersion"].startswith("keda.sh/"):
                jsonschema.validate(one, _scaled_object())
            else:
                kubernetes_validate.validate(one, KUBERNETES, strict=True)
        except (jsonschema.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            yield f"{name}: {error.message}"


def _kustomize() -> Path:
    return kept(f"kustomize-{_KUSTOMIZE}", None, _build_kustomize) / "kustomize"


def _build_kustomize(folder: Path) -> None:
    package = f"sigs.k8s.io/kustomize/kustomize/v5@v{_KUSTOMIZE}"
    run([go := program("go", _GO), "install", "-trimpath", package], GOBIN=str(folder))
    made = subprocess.run([go, "version", "-m", folder / "kustomize"], capture_output=True, text=True, check=True)
    if _KUSTOMIZE_SUM not in made.stdout:
        raise EngineMissing(f"kustomize {_KUSTOMIZE} was not built of the sources that were pinned: {_KUSTOMIZE_SUM}")


@cache
def _scaled_object() -> Manifest:
    """The schema of KEDA's ScaledObject, refusing what it does not name."""
    file = kept(f"keda-{_KEDA}", _KEDA_SHA256, _take_schema) / "scaledobjects.yaml"
    schema: Manifest = yaml.safe_load(file.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object"}
    closed: Manifest = _closed(schema)
    return closed


def _take_schema(folder: Path) -> None:
    """One file of a module that is large."""
    run([program("go", _GO), "mod", "download", module := f"github.com/kedacore/keda/v2@v{_KEDA}"])
    said = subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, check=True)
    crds = Path(json.loads(said.stdout)["Dir"]) / "config" / "crd" / "bases"
    shutil.copyfile(crds / "keda.sh_scaledobjects.yaml", folder / "scaledobjects.yaml")


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
