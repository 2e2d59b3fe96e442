"""What a demo tells at its end, for somebody who sees all of it for the first time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from journeyman.testing.simulation import Summary

_SHOWN = 20  # journeys


@dataclass(frozen=True)
class Kept:
    """A journey that was played, and whose it was."""

    title: str
    journey: str


_ZEROS = {
    "unauthenticated_account_calls": ("account calls without authentication", "the bank's own log"),
    "duplicate_effects": ("effects that happened twice", "the bank's and the payment provider's own logs"),
    "lost_tasks": ("lost tasks", "Temporal's histories, joined with the tasks"),
    "secrets_found": ("PINs or card numbers found", "a search of messages, ledger, histories, prompts and logs"),
}


def report(console: Console, summary: Summary, kept: Sequence[Kept], place: Path) -> None:
    """Print it."""
    console.print()
    console.print(_table("What came of the customers", _outcomes(summary)))
    console.print(_table("Who did the work", _work(summary)))
    if summary.handoffs:
        console.print(_table("Why work was handed over", sorted(summary.handoffs.items(), key=lambda pair: -pair[1])))
    if summary.recorded:
        console.print(
            _table(
                "Against the recordings", ((name.replace("_", " "), count) for name, count in summary.recorded.items())
            )
        )
    console.print(_zeros(summary))
    if 0 < len(kept) <= _SHOWN:
        console.print(_table("Journeys", ((each.title, each.journey) for each in kept)))
    for line in (*summary.unfinished, *summary.details, *summary.ledger.faults):
        console.print(Text(f"! {line}"), soft_wrap=True)
    console.print(_next(summary, kept, place))


def _outcomes(summary: Summary) -> list[tuple[str, object]]:
    ended = summary.outcomes
    return [
        ("journeys started", summary.journeys_started),
        ("completed", summary.journeys_completed),
        ("failed or cancelled", summary.journeys_failed),
        ("resolved by AI alone", ended.resolved_by_ai),
        ("resolved with people", ended.resolved_by_person),
        ("wanted something else", ended.out_of_scope),
        ("cut off, followed up", ended.cut_off),
        ("seconds", f"{summary.seconds:g}"),
        ("customers a minute", f"{summary.customers_per_minute:g}"),
    ]


def _work(summary: Summary) -> list[tuple[str, object]]:
    steps, tasks = summary.steps, summary.tasks
    return [
        ("steps by AI alone (autonomous)", steps.autonomous),
        ("steps by AI, accepted by a person (loop-in)", steps.loop_in),
        ("steps by a person, an AI may help (assistive)", steps.assistive),
        ("steps by a person alone (human)", steps.human),
        ("tasks for people: opened, completed, open", f"{tasks.opened}, {tasks.completed}, {tasks.open}"),
        ("policy decisions: allowed, denied", f"{summary.decisions.allow}, {summary.decisions.deny}"),
        ("tool calls", summary.tool_calls),
        ("account calls refused", summary.refused_account_calls),
    ]


def _zeros(summary: Summary) -> Table:
    table = Table(
        "What must be zero", "", "counted from", box=None, header_style="bold", pad_edge=False, title_justify="left"
    )
    for name, count in summary.zeros.items():
        words, source = _ZEROS[name]
        table.add_row(words, Text(str(count), style="green" if count == 0 else "bold red"), source)
    ledger = summary.ledger
    verdict = Text("verified", style="green") if ledger.verified else Text("NOT VERIFIED", style="bold red")
    table.add_row(
        f"ledger of {ledger.entries} entries",
        verdict,
        f"an export, against the checkpoint of {ledger.size} kept outside Postgres",
    )
    return table


def _next(summary: Summary, kept: Sequence[Kept], place: Path) -> Panel:
    told = kept[0].journey if kept else "ID"
    lines = [
        "Everything is still there. Start it again, and look:",
        f"  journeyman dev --folder {place}",
        f"  journeyman --folder {place} trace {told}",
        f"  journeyman --folder {place} show {told} --conversation",
        f"  journeyman --folder {place} audit verify --against {place / 'checkpoints'}",
        "",
        "Then read docs/concepts.md, or play recorded customers: journeyman demo --conversations FILE --domain bank",
    ]
    title = (
        "All journeys ended, nothing is lost, and the ledger is verified"
        if summary.ok
        else "Something is not as it should be"
    )
    return Panel(
        "\n".join(lines), title=title, title_align="left", expand=False, border_style="green" if summary.ok else "red"
    )


def _table(title: str, rows: Iterable[tuple[str, object]]) -> Table:
    table = Table(title, "", box=None, header_style="bold", pad_edge=False, min_width=60)
    for name, value in rows:
        table.add_row(name, str(value))
    table.add_row("", "")
    return table
