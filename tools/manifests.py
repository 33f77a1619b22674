"""Checks what cannot be run here by its schemas: docker-compose.yml and every overlay of deploy/k8s. Prints each fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rapport_testkit.engines import EngineMissing
from rapport_testkit.manifests import built, faults

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Check them; 1 when something is wrong."""
    schema = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"]
    compose = subprocess.run([Path(sys.executable).parent / schema[0], "-q", *schema[1:]], check=False)
    wrong = [f"{overlay.name}: {fault}" for overlay in overlays() for fault in _faults(overlay)]
    print("".join(f"{line}\n" for line in wrong), end="")
    return 1 if wrong or compose.returncode else 0


def overlays() -> list[Path]:
    """The folders of overlays."""
    return sorted(path.parent for path in ROOT.glob("deploy/k8s/overlays/*/kustomization.yaml"))


def _faults(overlay: Path) -> list[str]:
    try:
        return list(faults(built(overlay)))
    except (EngineMissing, ValueError) as error:
        return [str(error)]


if __name__ == "__main__":
    sys.exit(main())
