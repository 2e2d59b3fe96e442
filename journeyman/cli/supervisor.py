"""Child processes of `journeyman dev`: they say when they are ready, are started again when they die, and end with us."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from journeyman.cli import output
from journeyman.embedded.process import end_orphan
from journeyman.errors import ConfigurationError
from journeyman.settings import Settings

_AGAIN_AFTER = 1.0  # seconds until a child that died is started again
_LONGEST_STOP = 10.0


class Child:
    """One process. Its first line on stdout says that it is ready; what it says besides is in its log.

    It is in a session of its own, so that Ctrl-C reaches us first, and its stdin closes when we end, however that is.
    """

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, *, environment: Mapping[str, str], patience: float = 60.0
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = list(command)
        self._pid_file = folder / f"{name}.pid"
        self._environment = dict(environment)
        self._patience = patience
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._go = ""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def launch(self) -> None:
        """Start the process, and do not wait for it. Ends what a killed parent left running."""
        await asyncio.to_thread(self.end_orphan)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self._pid_file.write_text(f"{self._process.pid}\n")

    async def ready(self, go: str = "") -> str:
        """Tell it `go`, if anything, and wait for its first line. Raises ConfigurationError with its last words."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self._go = go
        try:
            async with asyncio.timeout(self._patience):
                with suppress(ConnectionError):  # it has died: then it has no first line either
                    process.stdin.write(go.encode())
                    await process.stdin.drain()
                line = (await process.stdout.readline()).decode().strip()
        except TimeoutError:
            line = ""
        if not line:
            await self.stop()
            raise ConfigurationError(
                f"`{self.name}` did not start; its log `{self.log}` ends with: {self._last_words()}"
            )
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep())
        return line

    async def stop(self) -> None:
        """Ask it to end, then make it."""
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(_LONGEST_STOP):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if process is not None:
            self._pid_file.unlink(missing_ok=True)

    async def _keep(self) -> None:
        """Start it again whenever it dies."""
        while True:
            process = self._process
            assert process is not None
            assert process.stdout is not None
            while await process.stdout.read(4096):  # nobody reads it, and a full pipe would stop the child
                pass
            code = await process.wait()
            output.note(f"`{self.name}` ended with {code} and is started again; see `{self.log}`")
            await asyncio.sleep(_AGAIN_AFTER)
            try:
                await self.launch()
                await self.ready(self._go)
            except ConfigurationError as error:
                output.note(str(error))

    def end_orphan(self) -> None:
        """End what a killed parent left running."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return
        end_orphan(pid, self._command[2], signal.SIGTERM, timeout=_LONGEST_STOP)  # `python -m MODULE ...`
        self._pid_file.unlink(missing_ok=True)

    def _last_words(self) -> str:
        try:
            return " | ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:])
        except OSError:
            return "nothing"


def environment(**more: str) -> dict[str, str]:
    """Ours, without settings that the folder has: the child works on that."""
    ours = {f"JOURNEYMAN_{name.upper()}" for name in Settings.model_fields} | {"JOURNEYMAN_FOLDER"}
    return {name: value for name, value in os.environ.items() if name not in ours} | more
