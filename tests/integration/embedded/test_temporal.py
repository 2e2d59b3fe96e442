"""The embedded Temporal server."""

import os
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from journeyman.embedded.temporal import NAMESPACE, SEARCH_ATTRIBUTES, TemporalServer, binary
from journeyman.errors import ConfigurationError, TemporalUnavailableError


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[TemporalServer]:
    server = TemporalServer(tmp_path, retention=timedelta(days=9))
    yield server
    await server.stop()


async def retention(client: Client) -> timedelta:
    told = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
    return told.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_a_started_server_has_the_search_attributes_and_the_retention(server: TemporalServer) -> None:
    await server.start()
    client = await server.client()
    known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=NAMESPACE))
    assert set(SEARCH_ATTRIBUTES) <= set(known.custom_attributes)
    assert await retention(client) == timedelta(days=9)


async def test_workflows_survive_a_kill_on_the_same_port(server: TemporalServer) -> None:
    await server.start()
    address = server.address
    await (await server.client()).start_workflow("anything", id="kept", task_queue="nobody")
    server.kill()
    await server.start()
    assert server.address == address
    told = await (await server.client()).get_workflow_handle("kept").describe()
    assert told.workflow_type == "anything"


async def test_a_server_in_memory_forgets(tmp_path: Path) -> None:
    server = TemporalServer(log=tmp_path / "temporal.log")
    await server.start()
    assert sorted(os.listdir(tmp_path)) == ["temporal.log", "temporal.pid"]
    server.kill()


async def test_a_taken_port_is_a_configuration_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port `{port}` of 127.0.0.1, meant for Temporal, is taken"):
            await TemporalServer(tmp_path, port=port).start()


async def test_a_server_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "temporal.sqlite").write_text("this is no database, and a long one at that " * 100)
    with pytest.raises(TemporalUnavailableError, match=r"did not start; its log ends with: .*not a database"):
        await TemporalServer(tmp_path).start()


async def test_a_start_that_ended_by_itself_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a port that it took for its own services was given to another program."""
    script = tmp_path / "temporal"
    script.write_text(
        f"""#!/bin/sh
        if mkdir {tmp_path}/tried 2>/dev/null; then
            printf 'panic: no port\\n\\ngoroutine 1 [running]:\\nmain.main()\\n' >&2
            exit 2
        fi
        exec {binary()} "$@"
        """
    )
    script.chmod(0o755)
    monkeypatch.setattr("journeyman.embedded.temporal.binary", lambda: script)
    server = TemporalServer(tmp_path / "state")
    await server.start()
    assert await server.client()
    await server.stop()
    assert (tmp_path / "tried").exists()


async def test_last_words_leave_out_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "temporal"
    script.write_text("#!/bin/sh\nprintf 'panic: no port\\n\\ngoroutine 1 [running]:\\nmain.main()\\n' >&2; exit 2\n")
    script.chmod(0o755)
    monkeypatch.setattr("journeyman.embedded.temporal.binary", lambda: script)
    with pytest.raises(TemporalUnavailableError, match=r"no port$"):
        await TemporalServer(tmp_path / "state").start()
