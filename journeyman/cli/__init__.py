"""The command line. `journeyman --help` lists it; docs/cli.md is made from it."""

import sys


def main() -> None:
    """The program."""
    try:
        from journeyman.cli.app import main as run  # here, because Ctrl-C may come while it loads
    except KeyboardInterrupt:
        sys.exit(130)
    run()
