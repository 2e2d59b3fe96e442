"""`make bench`: every benchmark, one after the other."""

import subprocess
import sys

BENCHMARKS = ("policy_decision", "desk", "step_overhead", "streams", "start")


def main() -> int:
    """Runs them; arguments such as `--json` go to each."""
    return max(
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]], check=False).returncode
        for name in BENCHMARKS
    )


if __name__ == "__main__":
    sys.exit(main())
