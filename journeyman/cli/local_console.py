"""The console of a `journeyman dev` folder: in its process, on loopback, with the person picker."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path

from journeyman.cli import folder as folders
from journeyman.console.listening import listen, url_of
from journeyman.errors import ConfigurationError
from journeyman.settings import Settings

_HOST, _USUAL = "127.0.0.1", 8080
_LOGGERS = ("journeyman.console", "uvicorn")


class LocalConsole:
    """Its port is taken at once: the one that was asked for, else the last time's, else the usual one, else a free one.

    Raises ConfigurationError where the first is taken.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self._folder = folder
        self._listening = (
            listen(_HOST, port) if port is not None else _any_of(folders.last_console_port(folder), _USUAL)
        )
        self.url = url_of(self._listening)
        self._loading = asyncio.create_task(asyncio.to_thread(_load))  # while servers start

    @asynccontextmanager
    async def serving(self, settings: Settings) -> AsyncIterator[None]:
        """Serve it while the block runs."""
        await self._loading
        from journeyman.console.serve import opened, serving

        settings = settings.model_copy(update=folders.keys_of(self._folder))
        with self._logged():
            async with opened(settings, picker=True) as console, serving(console, self._listening):
                yield

    def close(self) -> None:
        """Give the port back."""
        self._loading.cancel()
        self._listening.close()

    @contextmanager
    def _logged(self) -> Iterator[None]:
        """What it says goes to its log, not to whoever reads what `dev` prints."""
        from journeyman.temporal.logs import WithoutWords

        with closing(logging.FileHandler(self._folder / "console.log")) as handler:
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
            handler.addFilter(WithoutWords())
            loggers = [logging.getLogger(name) for name in _LOGGERS]
            for logger in loggers:
                logger.addHandler(handler)
            try:
                yield
            finally:
                for logger in loggers:
                    logger.removeHandler(handler)


def _any_of(*ports: int | None) -> socket.socket:
    for port in filter(None, ports):
        with suppress(ConfigurationError):
            return listen(_HOST, port)
    return listen(_HOST, 0)


def _load() -> None:
    import journeyman.console.serve  # noqa: F401
