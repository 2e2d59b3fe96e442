"""Serving the stand-in model on loopback, and nowhere else."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from journeyman.agents.standin.app import Standin
from journeyman.agents.standin.scripts import Script

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ServedStandin:
    """A stand-in that is up."""

    base_url: str
    """For `Endpoint` and any other client: it ends in `/v1`."""
    standin: Standin


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the process's signals to whoever runs the event loop."""
        yield


@asynccontextmanager
async def serve_standin(
    *, port: int = 0, project: Path | None = None, scripts: Mapping[str, Script] | None = None
) -> AsyncIterator[ServedStandin]:
    """Serves a stand-in in this event loop while the block runs. Port 0 takes a free one.

    `project` is the folder that scripts are imported from, beside what is importable anyway; `scripts` are more of them,
    by whole model names such as `stand-in/rehearsal:teller`.
    """
    if project is not None:
        _make_importable(project)
    standin = Standin(scripts)
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every response waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    config = uvicorn.Config(
        standin.app(),
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.up.wait()
        yield ServedStandin(f"http://{HOST}:{listening.getsockname()[1]}/v1", standin)
    finally:
        standin.closing.set()
        server.should_exit = True
        await serving
        listening.close()


def _make_importable(project: Path) -> None:
    folder = str(project.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
