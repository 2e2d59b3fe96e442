"""A worker process of the errands, all roles, its caches on. Everything is from its environment; it ends when its input does."""

import asyncio
import os
import sys
from pathlib import Path

from journeyman.agents.endpoint import Endpoint
from journeyman.settings import Settings
from journeyman.store import Database
from journeyman.temporal.connection import connect, keyring_of
from journeyman.temporal.engine import Engine
from journeyman.temporal.worker import ROLES, running
from tests.acceptance.durable.project import errands


async def main() -> None:
    """Work, and say so."""
    settings = Settings()
    database = await Database.connect(settings.need("database_url"))
    endpoint = Endpoint(settings.need("model_base_url"), "none", "stand-in")
    engine = Engine(database, keyring_of(settings), errands(Path(os.environ["ERRAND_POLICIES"])), endpoint)
    client = await connect(settings, database, engine.keyring)
    async with running(engine, client, ROLES, settings):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
