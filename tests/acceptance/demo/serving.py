"""`journeyman demo --serve` as a process."""

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from journeyman.embedded.postgres import Postgres

ROOT = Path(__file__).parents[3]
_ENDS_WITHIN = 30  # seconds


class Demo:
    """One of them; the play before it is cut short at `deadline` seconds."""

    def __init__(self, place: Path, *, deadline: float = 1) -> None:
        self.place = place
        self.deadline = deadline
        self.url = ""
        self.summary: dict[str, Any] = {}

    async def start(self) -> None:
        """Start it, and wait until it goes on."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JOURNEYMAN_", "OPENAI_"))}
        options = ("--serve", "--json", "--deadline", f"{self.deadline}", "--folder", str(self.place))
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "journeyman", "demo", *options),
            cwd=ROOT,
            env=kept,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        while not (found := re.search(r"the console is at (\S+):", line := (await self._next()))):
            assert line, "it has ended"
        self.url = found[1]
        self.summary = json.loads(await self._process.stdout.readline())

    async def interrupt(self) -> tuple[int, str]:
        """Ctrl-C: exit code, and what it said on stderr since."""
        self._process.send_signal(signal.SIGINT)
        _, said = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, said.decode()

    async def remove(self) -> None:
        """End it however it stands, and delete its data."""
        if self._process.returncode is None:  # in order: what it has started would outlive it, and hold its output open
            with suppress(TimeoutError):
                async with asyncio.timeout(_ENDS_WITHIN):
                    await self.interrupt()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self.place.exists():
            await Postgres(self.place).remove()

    async def _next(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.readline()).decode()
