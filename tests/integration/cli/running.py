"""`journeyman dev` as a process, and the project that it runs."""

import asyncio
import json
import os
import signal
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from journeyman.embedded.postgres import Postgres

ROOT = Path(__file__).parents[3]
_ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def project_files(folder: Path, *, policies: Path = ROOT / "policies") -> Path:
    """What is shipped, with a roster in which nothing closes and nobody has enough."""
    section = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["journeyman"]
    roster = yaml.safe_load((ROOT / "roster.yaml").read_text())
    for calendar in roster["calendars"].values():
        calendar |= {"hours": _ALWAYS, "holidays": []}
    for person in roster["people"].values():
        person["capacity"] = 50  # the tests share them
    (folder / "roster.json").write_text(json.dumps(roster))
    section |= {"roster": "roster.json", "policies": str(policies), "knowledge": str(ROOT / section["knowledge"])}
    lines = [f"{name} = {json.dumps(value)}" for name, value in section.items() if not isinstance(value, dict)]
    for name, value in section.items():
        if isinstance(value, dict):
            lines += [
                f"[tool.journeyman.{name}]",
                *(f"{key} = {json.dumps(_here(text))}" for key, text in value.items()),
            ]
    (folder / "pyproject.toml").write_text("\n".join(["[tool.journeyman]", *lines, ""]))
    return folder


def _here(command: str) -> str:
    return command.replace("{project}", str(ROOT))


def environment(project: Path, **more: str) -> dict[str, str]:
    """A shell's, that names no deployment and no model."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JOURNEYMAN_", "OPENAI_"))}
    return kept | {"JOURNEYMAN_PROJECT": str(project)} | more


class Dev:
    """One `journeyman dev`."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.folder = folder
        self.project = project
        self.told: dict[str, Any] = {}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *options: str, **more: str) -> None:
        """Start it, and wait until it says that it is ready."""
        process = await self.launch(*options, **more)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        assert line, await self.ended()
        self.told = json.loads(line)

    async def launch(self, *options: str, **more: str) -> asyncio.subprocess.Process:
        """Start it."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "journeyman", "dev", "--folder", str(self.folder), "--no-ui", "--json", *options),
            cwd=ROOT,
            env=environment(self.project, **more),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return self._process

    async def ended(self) -> tuple[int, str]:
        """Wait for its end: exit code and what it said on stderr."""
        assert self._process is not None
        assert self._process.stderr is not None
        async with asyncio.timeout(60):
            said = await self._process.stderr.read()
            code = await self._process.wait()
        return code, said.decode()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it as Ctrl-C does; one that has not been started, or has ended, stays so."""
        if self._process is None or self._process.returncode is not None:
            return 0, ""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        return await self.ended()

    async def remove(self) -> None:
        """Delete its data, also what stands outside of the folder."""
        if self.folder.exists():
            await Postgres(self.folder).remove()

    @property
    def worker(self) -> int:
        """The process id of its worker."""
        return int((self.folder / "worker.pid").read_text())
