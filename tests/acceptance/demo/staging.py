"""A small stage: a few of the demo's own customers on the tests' servers, workers in this process, guards as a test wants."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console
from temporalio.client import Interceptor

from activities.demo.show import ShippedDemo
from journeyman.agents.endpoint import STANDIN
from journeyman.agents.standin.scripts import Script
from journeyman.agents.standin.server import serve_standin
from journeyman.customers.keys import new_master_key
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.temporal import TemporalServer
from journeyman.ledger.checkpoint import SigningKey
from journeyman.project import Project
from journeyman.settings import Settings
from journeyman.testing.pending import end_pending
from journeyman.testing.simulation import Act, Play, Progress, Scene, Summary, World, account, opened

ROOT = Path(__file__).parents[3]
STAR = ROOT.parent / "shared" / "data" / "star" / "star.open.jsonl.gz"


class Stage:
    """One test's."""

    def __init__(self, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings = settings
        self.folder = folder
        self.project = Project.load(ROOT)
        self.environment: Mapping[str, str] = {}
        self.monkeypatch = monkeypatch
        self.journeys: dict[str, str] = {}
        """The journeys that were played, by scene."""
        self.tasks: dict[str, list[str]] = {}
        """What people were given, by journey: `KIND STEP REASON`, in order."""

    async def play(
        self,
        *ids: str,
        recorded: Path | None = None,
        project: Project | None = None,
        scripts: Mapping[str, Script] | None = None,
        interceptors: Sequence[Interceptor] = (),
        deadline: float = 60.0,
        before: Any = None,
    ) -> Summary:
        """Play these of the demo's own scenes, or of the recorded ones, and account for them.

        `before` is called once the doubles run. The bank knows the accounts of all scenes, played or not.
        """
        demo, project = ShippedDemo(), project or self.project
        known = demo.scenarios() if recorded is None else demo.conversations(recorded, "bank", None)
        acts = [Act(title="a test", scenes=_scenes(known, ids))]
        with ExitStack() as stack:
            self.environment = stack.enter_context(demo.doubles(self.folder, acts))
            for name, value in self.environment.items():
                self.monkeypatch.setenv(name, value)
            if before is not None:
                await before()
            async with serve_standin(project=ROOT, scripts=scripts) as standin:
                settings = self.settings.model_copy(update={"model_base_url": standin.base_url, "model": STANDIN})
                async with opened(settings, project, workers=True, interceptors=interceptors) as world:
                    try:
                        progress = Progress(Console(quiet=True))
                        played = await Play(world, demo, progress).run(acts, deadline=deadline)
                        self.journeys = {each.scene.id: journey for journey, each in played.journeys.items()}
                        self.tasks = await _tasks(world)
                        return await account(world, demo, played, folder=self.folder, seconds=1.0)
                    finally:
                        await end_pending(world.temporal, world.engine.database)


def settings_of(postgres: Postgres, database: str, temporal: TemporalServer, folder: Path) -> Settings:
    """A deployment on the tests' servers."""
    key = SigningKey.generate("journeyman.test/demo").secret()
    return Settings().model_copy(
        update={
            "project": ROOT,
            "database_url": SecretStr(postgres.dsn("journeyman_app", database)),
            "integrator_url": SecretStr(postgres.dsn("journeyman_integrator", database)),
            "temporal_address": temporal.address,
            "master_key": SecretStr(new_master_key()),
            "ledger_key": SecretStr(key),
            "checkpoints": folder / "checkpoints",
        }
    )


def _scenes(acts: Sequence[Act], ids: Sequence[str]) -> tuple[Scene, ...]:
    known = {scene.id: scene for act in acts for scene in act.scenes}
    return tuple(known[id] for id in ids)


async def _tasks(world: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    async with world.engine.database.connection() as conn:
        for row in await conn.fetch("select journey_id, kind, step, reason from task order by created_at"):
            found.setdefault(row["journey_id"], []).append(f"{row['kind']} {row['step']} {row['reason']}")
    return found
