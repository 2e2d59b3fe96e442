"""A process that runs a stack and a worker in one folder, with a workflow that waits, until it is killed."""

import asyncio
import sys
from pathlib import Path

from temporalio.worker import Worker

from journeyman.embedded.stack import Stack
from journeyman.store import Database
from tests.integration.embedded.waiting import QUEUE, Waiting


async def main(folder: Path) -> None:
    async with Stack(folder, durable=False) as stack:
        database = await Database.connect(stack.dsn("journeyman_app"))
        client = await stack.client(database, stack.keyring)
        async with Worker(client, task_queue=QUEUE, workflows=[Waiting]):
            handle = await client.start_workflow(Waiting.run, "hello", id="waiting-1", task_queue=QUEUE)
            assert await handle.query(Waiting.waits)
            print(stack.postgres.pid, stack.temporal.pid, flush=True)  # noqa: T201 - told to the test
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
