"""The command line. `journeyman --help` lists it; docs/cli.md is made from it."""

import gc
import sys


def main() -> None:
    """The program."""
    gc.set_threshold(50_000, 20, 50)  # it would look through all that is loaded while it loads, a fifth of the time
    try:
        from journeyman.cli.app import main as run  # here, because Ctrl-C may come while it loads
    except KeyboardInterrupt:
        sys.exit(130)
    run()
