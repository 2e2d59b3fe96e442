"""Both servers in one folder."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.worker import Worker

from journeyman.embedded.process import command_of
from journeyman.embedded.stack import Stack
from journeyman.errors import ConfigurationError
from journeyman.ledger.checkpoint import SigningKey
from journeyman.store import Database
from tests.integration.embedded.waiting import QUEUE, Waiting

pytestmark = pytest.mark.slow


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """A folder for a stack; what it left is removed."""
    folder = tmp_path / "stack"
    yield folder
    if folder.exists():
        stack = Stack(folder)
        await stack.stop()
        await stack.postgres.remove()


def killed_while_waiting(folder: Path) -> list[int]:
    """Kill a process that ran a stack with a waiting workflow; returns the process ids of its servers, still alive."""
    command = [sys.executable, "-m", "tests.integration.embedded.mortal", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        servers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(servers) == 2
    return servers


async def test_removing_deletes_everything_also_after_a_kill_and_of_a_stack_within(folder: Path) -> None:
    servers = killed_while_waiting(folder)
    async with Stack(folder / "demo", durable=False) as inner:
        data = [Stack(folder).postgres.data, inner.postgres.data]
        with pytest.raises(ConfigurationError, match="is run by process"):
            await Stack(folder).remove()
    await Stack(folder).remove()
    assert [place for place in (folder, *data) if place.exists()] == []
    assert [pid for pid in servers if command_of(pid)] == []


async def test_a_second_start_has_the_same_keys_ports_and_data(folder: Path) -> None:
    async with Stack(folder, durable=False) as stack:
        first = (stack.describe(), stack.master_key, stack.signing_key)
        database = await Database.connect(stack.dsn("journeyman_app"))
        keyring = stack.keyring
        async with database.transaction() as conn:
            sealed = await keyring.seal(conn, "cust-1", "hello")
        await database.close()
    async with Stack(folder, durable=False) as stack:
        assert (stack.describe(), stack.master_key, stack.signing_key) == first
        database = await Database.connect(stack.dsn("journeyman_app"))
        async with database.transaction() as conn:
            assert await stack.keyring.open(conn, "cust-1", sealed) == "hello"
        await database.close()


async def test_keys_are_readable_by_their_owner_only_and_shown_nowhere(folder: Path) -> None:
    async with Stack(folder, durable=False, ui=False) as stack:
        secrets = [(folder / name).read_text().strip() for name in ("master.key", "ledger.skey")]
        for name in ("master.key", "ledger.skey"):
            assert (folder / name).stat().st_mode & 0o777 == 0o600
        shown = json.dumps(stack.describe()) + repr(stack.signing_key)
        assert not any(secret in shown for secret in secrets)
        assert SigningKey.parse(secrets[1]).verifier == stack.signing_key.verifier
        assert (folder / "ledger.vkey").read_text().strip() == stack.describe()["ledger key"]


async def test_two_processes_do_not_run_one_folder(folder: Path) -> None:
    async with Stack(folder, durable=False, ui=False) as stack:
        with pytest.raises(ConfigurationError, match=f"is run by process {os.getpid()} already; stop it, or choose"):
            await Stack(folder).start()
        assert stack.postgres.running
        assert stack.temporal.running


async def test_a_lost_master_key_is_not_silently_replaced(folder: Path) -> None:
    async with Stack(folder, durable=False, ui=False):
        pass
    (folder / "master.key").rename(folder / "elsewhere")
    with pytest.raises(ConfigurationError, match=r"master\.key` is missing.*restore it"):
        await Stack(folder).start()
    (folder / "elsewhere").rename(folder / "master.key")
    (folder / "master.key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="run `chmod 600 "):
        await Stack(folder).start()


@pytest.mark.slow
async def test_a_kept_port_that_something_else_has_taken_is_replaced(folder: Path) -> None:
    async with Stack(folder, durable=False, ui=False) as stack:
        port = stack.temporal.port
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        async with Stack(folder, durable=False, ui=False) as stack:
            assert stack.temporal.port != port
        with pytest.raises(ConfigurationError, match=f"port `{port}`"):
            await Stack(folder, temporal_port=port, ui=False).start()


@pytest.mark.slow
async def test_a_failed_start_leaves_nothing_running(folder: Path) -> None:
    async with Stack(folder, durable=False, ui=False):
        pass
    for name in os.listdir(folder):
        if name.startswith("temporal.sqlite"):
            (folder / name).write_text("this is no database, and a long one at that " * 100)
    stack = Stack(folder, durable=False, ui=False)
    with pytest.raises(Exception, match="did not start"):
        await stack.start()
    assert not stack.postgres.running
    assert not stack.temporal.running


@pytest.mark.slow
@pytest.mark.parametrize("everything", [True, False], ids=["of everything", "of the parent alone"])
async def test_a_waiting_workflow_continues_after_a_kill(folder: Path, everything: bool) -> None:
    servers = killed_while_waiting(folder)
    assert all(command_of(pid) for pid in servers)
    if everything:
        for pid in servers:
            os.kill(pid, signal.SIGKILL)
    async with Stack(folder, durable=False) as stack:
        database = await Database.connect(stack.dsn("journeyman_app"))
        client = await stack.client(database, stack.keyring)
        async with Worker(client, task_queue=QUEUE, workflows=[Waiting]):
            handle = client.get_workflow_handle_for(Waiting.run, "waiting-1")
            await handle.signal(Waiting.say, "world")
            assert await handle.result() == "hello world"
        await database.close()
