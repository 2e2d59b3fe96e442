"""The console as a process."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from journeyman.settings import Settings

ROOT = Path(__file__).parents[3]


class Process:
    """`journeyman console`, or another entry point, on a deployment."""

    def __init__(self, settings: Settings) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEYMAN_")}
        self._environment |= {
            "JOURNEYMAN_PROJECT": str(settings.project),
            "JOURNEYMAN_DATABASE_URL": settings.need("database_url"),
            "JOURNEYMAN_MASTER_KEY": settings.need("master_key"),
        }

    async def start(self, *command: str, **more: str) -> None:
        """Start `python -m COMMAND`."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *command),
            cwd=ROOT,
            env=self._environment | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def console(self, *options: str, **more: str) -> str:
        """Start `journeyman console`; returns where it is once it answers. `more` is of its environment."""
        await self.start("journeyman", "console", "--json", *options, **more)
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, await self.ended()
        url: str = json.loads(line)["console"]
        return url

    async def says(self, words: str) -> None:
        """Wait until it says this in its log."""
        assert self._process is not None
        assert self._process.stderr is not None
        while words not in (line := (await self._process.stderr.readline()).decode()):
            assert line, "it has ended"

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> tuple[int, str]:
        """Wait for its end: exit code and what it said."""
        assert self._process is not None
        async with asyncio.timeout(30):
            _, said = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, said.decode()
