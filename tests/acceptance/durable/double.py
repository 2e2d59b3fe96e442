"""What the errands' tools act on: a service of its own, that counts calls and effects by idempotency key."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Double:
    """A service that knows idempotency keys, but for `stamp`, which does what it is told whenever it is told."""

    port: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)
    """(tool, key) of every call."""
    effects: list[tuple[str, str]] = field(default_factory=list)
    """(tool, key) of everything done."""
    held: asyncio.Event | None = None
    """Set: a call is answered only once this event is set."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    broken: int = 0
    """Calls that are still to fail after they have had their effect: the connection breaks."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call."""
        try:
            told = json.loads(await reader.readline())
            done = (told["tool"], told["key"])
            self.calls.append(done)
            if told["tool"] == "stamp" or done not in self.effects:
                self.effects.append(done)
            self.reached.set()
            if self.held is not None:
                await self.held.wait()
            if self.broken:
                self.broken -= 1
                return
            writer.write(json.dumps({"receipt": f"{told['tool']} {told['told']}"}).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            return  # whoever called has been killed
        finally:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Double]:
    """A double, up while the block runs."""
    double = Double()
    server = await asyncio.start_server(double.serve, "127.0.0.1")
    double.port = server.sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        if double.held is not None:
            double.held.set()
        server.close()
