import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import openai
import pytest

from journeyman.agents.standin.app import Standin
from journeyman.agents.standin.server import ServedStandin


async def _http(base_url: str, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    host = base_url.removeprefix("http://").removesuffix("/v1")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    response = await reader.read()
    writer.close()
    await writer.wait_closed()
    status, _, payload = response.partition(b"\r\n\r\n")
    return int(status.split()[1]), json.loads(payload)


async def test_it_speaks_the_protocol_whole_and_streamed(served: ServedStandin, standin: Standin) -> None:
    async with openai.AsyncOpenAI(base_url=served.base_url, api_key="k", max_retries=0) as client:
        models = await client.models.list()
        assert [model.id for model in models.data] == ["stand-in"]
        whole = await client.chat.completions.create(
            model="stand-in", messages=[{"role": "user", "content": "hello"}], logprobs=True
        )
        text = ""
        async for chunk in await client.chat.completions.create(
            model="stand-in", messages=[{"role": "user", "content": "hello"}], stream=True
        ):
            assert (chunk.model, chunk.system_fingerprint) == ("stand-in", "stand-in")
            text += chunk.choices[0].delta.content or ""
    assert (whole.model, whole.system_fingerprint) == ("stand-in", "stand-in")
    assert whole.choices[0].message.content == text
    assert whole.choices[0].logprobs is not None
    assert whole.usage is not None
    assert whole.usage.total_tokens > 0


async def test_faults_are_armed_shown_and_cleared_over_http(served: ServedStandin, standin: Standin) -> None:
    fault = {"kind": "500", "count": 2, "after": 1, "match": "stand"}
    status, shown = await _http(served.base_url, "POST", "/faults", fault)
    assert (status, shown["faults"][0]["kind"]) == (200, "500")
    body = {"model": "stand-in", "messages": [{"role": "user", "content": "hi"}]}
    statuses = [(await _http(served.base_url, "POST", "/v1/chat/completions", body))[0] for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    await _http(served.base_url, "POST", "/faults", {"kind": "429", "match": "other-model"})
    assert (await _http(served.base_url, "POST", "/v1/chat/completions", body))[0] == 200
    assert await _http(served.base_url, "DELETE", "/faults") == (200, {"faults": []})
    assert (await _http(served.base_url, "POST", "/faults", {"kind": "flood"}))[0] == 400


async def test_the_requests_it_had_can_be_seen(served: ServedStandin, standin: Standin) -> None:
    body = {"model": "stand-in", "messages": [{"role": "user", "content": "hi"}]}
    await _http(served.base_url, "POST", "/v1/chat/completions", body)
    assert await _http(served.base_url, "GET", "/requests") == (200, {"requests": [body]})
    assert await _http(served.base_url, "DELETE", "/requests") == (200, {"requests": []})


@pytest.mark.parametrize("body", [{}, {"model": "stand-in", "messages": []}, {"messages": "hi"}])
async def test_a_bad_request_is_told_so(body: dict[str, Any], served: ServedStandin, standin: Standin) -> None:
    status, told = await _http(served.base_url, "POST", "/v1/chat/completions", body)
    assert status == 400
    assert "messages" in told["error"]["message"]


async def test_the_command_serves_the_scripts_of_a_project_and_stops_at_a_signal(tmp_path: Path) -> None:
    (tmp_path / "house_scripts.py").write_text(
        "from journeyman.agents.standin import StandinReply, StandinRequest, say\n\n\n"
        "def greet(request: StandinRequest) -> StandinReply:\n"
        "    return say(f'You said {request.latest}.')\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "journeyman.agents.standin", "--project", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        base_url = (await process.stdout.readline()).decode().strip()
        assert base_url.startswith("http://127.0.0.1:")
        body = {"model": "stand-in/house_scripts:greet", "messages": [{"role": "user", "content": "hello"}]}
        status, answer = await _http(base_url, "POST", "/v1/chat/completions", body)
        assert (status, answer["choices"][0]["message"]["content"]) == (200, "You said hello.")
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
