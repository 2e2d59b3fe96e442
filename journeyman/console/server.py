"""The server of the console."""

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """Ends what never ends by itself before it waits for what is under way: `ending`, such as `Feed.end`."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """In order: no new connections, the streams end, requests finish, the application shuts down."""
        self._ending()
        await super().shutdown(sockets)
