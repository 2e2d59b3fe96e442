"""The account of a simulation: counts from the tables, and the zeros, counted by others than the engine."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import httpx2

from journeyman.testing.simulation import secret_scan
from journeyman.testing.simulation.demo import Demo
from journeyman.testing.simulation.histories import read_histories
from journeyman.testing.simulation.ledger_proof import prove
from journeyman.testing.simulation.lost_tasks import LostTask, lost_tasks
from journeyman.testing.simulation.play import Played
from journeyman.testing.simulation.secret_scan import Leak, Text
from journeyman.testing.simulation.summary import Summary
from journeyman.testing.simulation.tally import tally, task_rows
from journeyman.testing.simulation.world import World

_TOLD = 12  # of what stands behind a zero that is none, so many lines are told
_LOOK_AGAIN = 0.5  # seconds
_LOOKS = 20


async def account(world: World, demo: Demo, played: Played, *, folder: Path, seconds: float) -> Summary:
    """Count everything. `folder` has the logs of the servers, of the workers, and of the doubles."""
    journeys = list(played.journeys)
    engine = world.engine
    tallied = await tally(engine.database, journeys, demo.resolve)
    summary = tallied.summary
    histories = await read_histories(world.temporal, journeys)
    lost = await _still_lost(world, lost_tasks(tallied.tasks, histories))
    summary.ledger, pack = await prove(world, witnessed=[leaf for each in histories.values() for leaf in each.leaves])
    summary.lost_tasks = len(lost)
    secrets = {journey: customer.scene.secrets for journey, customer in played.journeys.items()}
    texts: list[Text] = [
        *secret_scan.of_pack(pack),
        *secret_scan.of_histories(histories.values()),
        *await secret_scan.of_database(engine.database, engine.keyring, journeys),
        *secret_scan.of_logs(_logs(folder)),
        *await _prompts(world),
    ]
    leaks = secret_scan.scan(texts, secrets) + secret_scan.scan_sealed(histories.values(), secrets)
    summary.secrets_found = len(leaks)
    counted = demo.count(folder)
    summary.unauthenticated_account_calls = counted.unauthenticated_account_calls
    summary.refused_account_calls = counted.refused_account_calls + await _refused(world, demo, journeys)
    summary.recorded = demo.compare(folder, {each.scene.id: journey for journey, each in played.journeys.items()})
    summary.duplicate_effects = counted.duplicate_effects
    summary.unfinished = [*played.unfinished, *played.troubles]
    summary.details = _details(
        leaks, [f"task {each.task} of {each.journey}: {each.how}" for each in lost], counted.details
    )
    summary.seconds = round(seconds, 1)
    summary.customers_per_minute = round(60 * summary.journeys_completed / seconds, 1) if seconds else 0.0
    return summary


async def _still_lost(world: World, lost: list[LostTask]) -> list[LostTask]:
    """Those of them that stay lost: a journey whose play was cut short goes on while one side is read, and then the other."""
    for _ in range(_LOOKS):
        if not lost:
            break
        await asyncio.sleep(_LOOK_AGAIN)
        suspects, journeys = {each.task for each in lost}, sorted({each.journey for each in lost})
        histories = await read_histories(world.temporal, journeys)
        again = lost_tasks(await task_rows(world.engine.database, journeys), histories)
        lost = [each for each in again if each.task in suspects]
    return lost


def _details(leaks: Iterable[Leak], *others: Sequence[str]) -> list[str]:
    found = [str(leak) for leak in leaks]
    return [line for lines in (found, *others) for line in lines[:_TOLD]]


def _logs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.log") if path.is_file())


async def _refused(world: World, demo: Demo, journeys: list[str]) -> int:
    """Calls of account tools that policy refused: they reached nobody."""
    async with world.engine.database.connection() as conn:
        rows = await conn.fetch(secret_scan.sql["tool_calls"], journeys)
    return sum(row["count"] for row in rows if row["status"] == "refused" and row["tool"] in demo.account_tools)


async def _prompts(world: World) -> list[Text]:
    """What the stand-in model was sent lately, as it keeps it."""
    endpoint = world.engine.endpoint
    if not endpoint.is_standin:
        return []
    async with httpx2.AsyncClient(base_url=endpoint.base_url.removesuffix("/v1"), trust_env=False) as control:
        kept: Any = json.loads((await control.get("/requests")).text)
    return [
        Text("prompts", None, text)
        for request in kept["requests"]
        for text in secret_scan.texts_in(request.get("messages"))
    ]
