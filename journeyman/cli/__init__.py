"""The command line. `journeyman --help` lists it; docs/cli.md is made from it."""

from journeyman.cli.app import main

__all__ = ["main"]
