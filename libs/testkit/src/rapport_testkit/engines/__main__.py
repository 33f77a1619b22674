"""`python -m rapport_testkit.engines up [NAME…]`: starts engines, prints where they are, and runs until it is stopped."""

from __future__ import annotations

import argparse
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from rapport_testkit.engines import NAMES, Engine, EngineMissing, start, variable
from rapport_testkit.engines.process import EngineDidNotStart


def main() -> int:
    """Start the engines named (all of them when none is), side by side."""
    parser = argparse.ArgumentParser(prog="python -m rapport_testkit.engines", description=__doc__)
    parser.add_argument("command", choices=["up"])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(NAMES)}; all when none is named")
    names = parser.parse_args().names or list(NAMES)
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    return _up(names)


def _up(names: list[str]) -> int:
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    status = 0
    started: list[Engine] = []
    with ThreadPoolExecutor() as pool:
        for one in [pool.submit(start, name) for name in names]:
            try:
                started.append(one.result())
            except (EngineMissing, EngineDidNotStart) as failed:
                sys.stderr.write(f"{failed}\n")
                status = 1
    if not status:
        for engine in started:
            sys.stdout.write(f"export {variable(engine.name)}={engine.url}\n")
        sys.stdout.flush()
        signal.sigwait(signals)
    for engine in started:
        engine.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
