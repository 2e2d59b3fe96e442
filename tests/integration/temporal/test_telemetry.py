"""Traces: what they join, and what never stands in them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from journeyman.agents.standin.server import serve_standin
from journeyman.conversation.inbound import Inbound, receive
from journeyman.customers.keys import Keyring
from journeyman.embedded.temporal import TemporalServer
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import put_in_force
from journeyman.settings import Settings
from journeyman.store import Database
from journeyman.tasks import cases, roster
from journeyman.temporal.connection import connect
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.telemetry import Wordless, telemetry
from journeyman.temporal.worker import ROLES, endpoint_of, running
from tests.collector import collecting

ROOT = Path(__file__).parents[3]
TEST = Actor(kind="system", id="test")
WORDS = ("Wilhelmina", "836415", "flamingo")
"""What the customer says, and nothing else would."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def spans(database: Database, keyring: Keyring, temporal_server: TemporalServer) -> tuple[ReadableSpan, ...]:
    """The spans of a conversation that goes to a person, and of the journey's end."""
    exporter = InMemorySpanExporter()
    project = Project.load(ROOT)
    async with serve_standin(project=ROOT) as model:
        settings = Settings().model_copy(
            update={
                "temporal_address": temporal_server.address,
                "model": "stand-in",
                "model_base_url": model.base_url,
                "model_api_key": SecretStr("sk-secret-key"),
            }
        )
        with telemetry(settings, "journeyman-test", exporter) as traced:
            assert traced is not None
            engine = Engine(database, keyring, project, endpoint_of(settings, traced))
            client = await connect(settings, database, keyring, interceptors=traced.interceptors(project))
            async with recording(database, keyring) as tx:
                await put_in_force(tx, project.bundle(), project.agents.values(), TEST, now())
            await roster.apply(engine.desk, roster.read(ROOT / "roster.yaml"), TEST, now())
            async with running(engine, client, ROLES, settings):
                journey = ""
                for number, text, answered in (
                    ("m-1", "I am Wilhelmina, hello", "select exists (select from message where author_kind = 'ai')"),
                    ("m-2", "PIN 836415. A flamingo took it. A person please", "select exists (select from task)"),
                ):
                    inbound = Inbound("chat", "wil", text, number)
                    opens = project.definition("bank-service")
                    journey = (await receive(database, keyring, inbound, opens=opens, now=now())).journey
                    await dispatch(database, keyring, client, now=now(), journey=journey)
                    await _holds(database, answered)
                await cases.cancel(engine.desk, journey, "test_over", now=now())
                await dispatch(database, keyring, client, now=now(), journey=journey)
                await client.get_workflow_handle(journey).result()
            await engine.endpoint.close()
    return exporter.get_finished_spans()


async def _holds(database: Database, condition: str) -> None:
    async with asyncio.timeout(30), database.connection() as conn:
        while not await conn.fetchval(condition):  # noqa: ASYNC110 - the state is in Postgres
            await asyncio.sleep(0.05)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_one_trace_joins_journey_activity_agent_and_model(spans: tuple[ReadableSpan, ...]) -> None:
    by_id = {span.context.span_id: span for span in spans if span.context}
    chat = next(span for span in spans if span.name.startswith("chat "))
    line = [chat]
    while (parent := line[-1].parent) is not None:
        line.append(by_id[parent.span_id])
    assert [span.name.partition(" ")[0].partition(":")[0] for span in line] == [
        "chat",
        "invoke_agent",
        "RunActivity",
        "StartActivity",
        "StartWorkflow",
    ]
    asked, agent = attributes(chat), attributes(line[1])
    assert (asked["gen_ai.operation.name"], asked["gen_ai.provider.name"]) == ("chat", "stand-in")
    assert asked["gen_ai.request.model"].startswith("stand-in/")
    assert asked["gen_ai.usage.input_tokens"] > 0
    assert asked["gen_ai.response.finish_reasons"] == ("stop",)
    assert (agent["gen_ai.agent.name"], agent["journeyman.step"]) == ("receptionist", "understand-request")
    assert agent["journeyman.journey"] == attributes(line[-1])["temporalWorkflowID"]


async def test_a_wait_for_a_person_shows_when_it_begins(spans: tuple[ReadableSpan, ...]) -> None:
    (wait,) = [span for span in spans if span.name == "human_wait.begins"]
    told = attributes(wait)
    assert (told["journeyman.queue"], told["journeyman.task.kind"]) == ("bank-care", "work")
    assert wait.parent is not None
    assert wait.end_time is not None
    assert wait.start_time is not None
    assert wait.end_time - wait.start_time < 10**9


async def test_no_word_and_no_secret_is_in_any_span(spans: tuple[ReadableSpan, ...]) -> None:
    everything = "\n".join(span.to_json() for span in spans)
    assert len(spans) > 10
    for word in (*WORDS, "sk-secret-key", "How can I help", "colleague takes over", "messages", "hello"):
        assert word not in everything


def test_what_an_exception_says_is_not_exported() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Wordless(exporter)))
    tracer = provider.get_tracer("test")
    with pytest.raises(ValueError, match="836415"), tracer.start_as_current_span("failing"):
        raise ValueError("the PIN is 836415")
    provider.shutdown()
    (span,) = exporter.get_finished_spans()
    assert "836415" not in span.to_json()
    assert [dict(event.attributes or {}) for event in span.events] == [{"exception.type": "ValueError"}]
    assert not span.status.is_ok


def test_spans_reach_a_collector() -> None:
    with collecting() as collector:
        settings = Settings().model_copy(update={"otlp_endpoint": collector.address})
        with telemetry(settings, "journeyman-test") as traced:
            assert traced is not None
            traced.tracer.start_span("one", attributes={"a": 1}).end()
    assert [span.name for span in collector.spans] == ["one"]


def test_without_a_collector_nothing_is_traced() -> None:
    with telemetry(Settings().model_copy(update={"otlp_endpoint": None}), "journeyman-test") as traced:
        assert traced is None
