"""What a demo tells at its end, for somebody who sees all of it for the first time."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from journeyman.conversation.transcript import Message
from journeyman.testing.simulation import Summary

_SHOWN = 20  # journeys


@dataclass(frozen=True)
class Kept:
    """A journey that was played, whose it was, how it ended, and how many tasks it had for people."""

    title: str
    journey: str
    outcome: str = ""
    tasks: int = 0


_ZEROS = {
    "unauthenticated_account_calls": ("account calls without authentication", "the doubles' own logs"),
    "duplicate_effects": ("effects that happened twice", "the doubles' own logs"),
    "lost_tasks": ("lost tasks", "Temporal's histories, joined with the tasks"),
    "secrets_found": ("secrets found", "a search of messages, ledger, histories, prompts and logs"),
}


def report(
    console: Console,
    summary: Summary,
    kept: Sequence[Kept],
    conversation: Sequence[Message],
    place: Path,
    *,
    recorded: bool,
    url: str | None = None,
) -> None:
    """Print it. `conversation` is that of the journey that `most_telling` names; `recorded`: the project can play recorded
    customers too; `url`: everything goes on, and this is the console."""
    console.print()
    if conversation:
        console.print(_conversation(most_telling(kept), conversation))
    console.print(_table("What came of the customers", _outcomes(summary)))
    console.print(_table("Who did the work", _work(summary)))
    if summary.handoffs:
        commonest = sorted(summary.handoffs.items(), key=lambda pair: pair[1], reverse=True)
        console.print(_table("Why work was handed over", commonest))
    if summary.recorded:
        console.print(
            _table(
                "Against the recordings", ((name.replace("_", " "), count) for name, count in summary.recorded.items())
            )
        )
    console.print(_zeros(summary))
    if 0 < len(kept) <= _SHOWN:
        console.print(_journeys(kept))
    for line in (*summary.unfinished, *summary.details, *summary.ledger.faults):
        console.print(Text(f"! {line}"), soft_wrap=True)
    console.print(_next(summary, kept, place, recorded, url))


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


def _next(summary: Summary, kept: Sequence[Kept], place: Path, recorded: bool, url: str | None) -> Panel:
    told = most_telling(kept).journey if kept else "ID"
    program, folder = _program(), _shown(place)
    lines = [
        "Everything is still there. Start it again:",
        f"  {program} dev --folder {folder}",
    ]
    if url is not None:
        lines = [
            "Customers keep coming, and simulated colleagues work unhurried. Sit down among them:",
            f"  {url}",
            "Ctrl-C ends it,",
        ]
    lines += [
        "and in another terminal see how that journey went, who decided what under which policy, and verify the ledger:",
        f"  {program} --folder {folder} show {told} --conversation",
        f"  {program} --folder {folder} trace {told}",
        f"  {program} --folder {folder} audit verify --against {_shown(place / 'checkpoints')}",
    ]
    if url is None:
        lines += ["Sit down at the desk, while customers keep coming:", f"  {program} demo --serve"]
    if recorded:
        lines += ["Play recorded customers:", f"  {program} demo --conversations FILE.jsonl.gz --domain bank"]
    lines.append("What each figure means is in Journeyman's docs/demo.md.")
    title = (
        "All journeys ended, nothing is lost, and the ledger is verified"
        if summary.ok
        else "Something is not as it should be"
    )
    return Panel(
        "\n".join(lines), title=title, title_align="left", expand=False, border_style="green" if summary.ok else "red"
    )


def most_telling(kept: Sequence[Kept]) -> Kept:
    """The journey in which people and AI agents had most to do with each other."""
    return max(kept, key=lambda each: each.tasks)


def _conversation(told: Kept, conversation: Sequence[Message]) -> Group:
    """What was said in one journey, and by whom."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for line in conversation:
        if line.kind != "notice":
            who = line.author if line.author_kind in ("ai", "person") else ""
            inside = " (internal)" if line.audience == "internal" else ""
            words = line.text or ("(hangs up)" if line.kind == "left" else "")
            table.add_row(f"{line.author_kind} {who}".strip() + inside, Text(words))
    return Group(Text(f"How one of them went: {told.title}", style="bold"), table, Text())


def _journeys(kept: Sequence[Kept]) -> Table:
    table = Table("Journeys", "outcome", "tasks", "id", box=None, header_style="bold", pad_edge=False)
    for each in kept:
        table.add_row(each.title, each.outcome, str(each.tasks), each.journey)
    table.add_row("")
    return table


def _program() -> str:
    """How this very program is called here."""
    beside = Path(sys.executable).parent / "journeyman"
    found = shutil.which("journeyman")
    if found is not None and Path(found) == beside:
        return "journeyman"
    return _shown(beside) if beside.exists() else f"{sys.executable} -m journeyman"


def _shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _table(title: str, rows: Iterable[tuple[str, object]]) -> Table:
    table = Table(title, "", box=None, header_style="bold", pad_edge=False, min_width=60)
    for name, value in rows:
        table.add_row(name, str(value))
    table.add_row("", "")
    return table
