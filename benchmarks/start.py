"""How soon `journeyman dev` is ready, and ends: `python -m benchmarks.start [--json] [--runs 5]`.

The first start is in an empty folder: keys, databases and schema are made. Every later one continues what is there; their median
counts. All with Temporal, Postgres, the stand-in model, workers and the console, each in a process of its own.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEV = (sys.executable, "-m", "journeyman", "dev")


def measure(runs: int) -> dict[str, float]:
    """Start it once in an empty folder and `runs` times again. Seconds. Raises RuntimeError if it does not get ready."""
    with tempfile.TemporaryDirectory(prefix="journeyman-bench-") as name:
        folder = Path(name) / "dev"
        try:
            first, *later = [_started_and_stopped(folder) for _ in range(runs + 1)]
        finally:
            subprocess.run([*DEV, "--folder", folder, "--remove"], check=True, stdout=subprocess.DEVNULL)
    return {
        "first_ready_s": round(first[0], 2),
        "second_ready_s": round(statistics.median(ready for ready, _ in later), 2),
        "second_ready_longest_s": round(max(ready for ready, _ in later), 2),
        "stopped_s": round(statistics.median(stopped for _, stopped in later), 2),
        "runs": runs,
        "cores": os.cpu_count() or 0,
    }


def _started_and_stopped(folder: Path) -> tuple[float, float]:
    began = time.perf_counter()
    with subprocess.Popen([*DEV, "--folder", folder, "--json"], stdout=subprocess.PIPE) as dev:
        assert dev.stdout is not None
        told = dev.stdout.readline()
        ready = time.perf_counter()
        dev.send_signal(signal.SIGINT)
        dev.stdout.read()
        code = dev.wait()
    if not told or code:
        raise RuntimeError(f"`journeyman dev` ended with {code}; what it said is above")
    return ready - began, time.perf_counter() - ready


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=5, help="later starts; the median counts (5)")
    options = parser.parse_args()
    found = measure(options.runs)
    lines = json.dumps(found) if options.json else "\n".join(f"{name:24} {value}" for name, value in found.items())
    print(lines)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
