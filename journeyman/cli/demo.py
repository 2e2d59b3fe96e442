"""`demo`: the whole system on a few customers, with simulated people, and an account of it that others than the engine count."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from journeyman.cli import folder as folders
from journeyman.cli.dev import Port
from journeyman.cli.options import AsJson

_CONCURRENCY = 8  # customers at a time that keep two cores busy


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(demo)


def demo(
    conversations: Annotated[
        Path | None,
        typer.Option("--conversations", metavar="FILE", help="Play these recorded customers.", show_default=False),
    ] = None,
    domain: Annotated[str, typer.Option("--domain", help="Which of the recorded customers.")] = "bank",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.", show_default=False)] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=64, help="Customers at a time.")
    ] = _CONCURRENCY,
    deadline: Annotated[
        float | None, typer.Option("--deadline", min=1, help="Seconds until it gives up.", show_default=False)
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where it is kept.", show_default=".journeyman/demo")
    ] = None,
    console_port: Port = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave it running, customers and people coming, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run everything on a few customers of our own, or on recorded ones, with simulated people; then tell what came of it.

    Exit code 0 only if every journey has ended, nothing is lost, and the ledger is verified. What the folder held of an
    earlier demo is deleted. It opens with the console's address: choose who to be, and with `--serve` sit down among them.

    Example: `journeyman demo --conversations star.open.jsonl.gz --domain bank --limit 20 --json`
    """
    from journeyman.cli.playing import play

    place = (folder or folders.DEFAULT / "demo").resolve()
    console = Console(stderr=as_json, highlight=False, width=None if sys.stdout.isatty() and not as_json else 120)
    summary = asyncio.run(
        play(place, conversations, domain, limit, concurrency, deadline, console, console_port, as_json, serve)
    )
    if not summary.ok:
        raise typer.Exit(1)
