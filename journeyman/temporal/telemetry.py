"""OpenTelemetry: one trace joins a journey, its activities, the agents' turns, the model's calls and the waits for people.

No content leaves the process: spans carry names, ids and counts, and what an exception says is dropped before export.
Without `JOURNEYMAN_OTLP_ENDPOINT` nothing is made or sent. Names of attributes follow OpenTelemetry's conventions for
generative AI (`gen_ai.*`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from temporalio.client import Interceptor
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput
from temporalio.worker import Interceptor as WorkerInterceptor

from journeyman.agents.completion import Completion
from journeyman.agents.endpoint import Endpoint
from journeyman.errors import ModelError
from journeyman.journey.contract import OpenedTask, OpenTaskRequest, Situation, ToolRequest, TurnRequest
from journeyman.project import Project
from journeyman.settings import Settings
from journeyman.temporal.engine import step_here


@dataclass(frozen=True)
class Telemetry:
    """The tracer of a process. `interceptors` go to `Client.connect`, whose workers have them too."""

    tracer: Tracer
    provider: TracerProvider

    def interceptors(self, project: Project) -> Sequence[Interceptor]:
        """Temporal's own spans, and ours inside them."""
        return [
            TracingInterceptor(self.tracer, always_create_workflow_spans=True),
            _Interceptor(self.tracer, project),
        ]


@contextmanager
def telemetry(settings: Settings, service: str, exporter: SpanExporter | None = None) -> Iterator[Telemetry | None]:
    """Telemetry while the block runs, sent to the configured collector or to `exporter`; None where there is neither."""
    endpoint = settings.otlp_endpoint
    if exporter is None and endpoint is None:
        yield None
        return
    exporter = exporter or OTLPSpanExporter(endpoint=endpoint, insecure=not (endpoint or "").startswith("https:"))
    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Wordless(exporter)))
    try:
        yield Telemetry(provider.get_tracer("journeyman"), provider)
    finally:
        provider.shutdown()


class Wordless(SpanExporter):
    """Passes spans on without what exceptions say: their words may be a customer's."""

    def __init__(self, following: SpanExporter) -> None:
        self._following = following

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._following.export([_wordless(span) for span in spans])

    def shutdown(self) -> None:
        self._following.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._following.force_flush(timeout_millis)


class TracedEndpoint(Endpoint):
    """An endpoint with a span for each call of its model."""

    def __init__(self, tracer: Tracer, base_url: str, api_key: str, model: str) -> None:
        super().__init__(base_url, api_key, model)
        self._tracer = tracer

    async def complete(self, messages: Sequence[dict[str, Any]], **options: Any) -> Completion:
        """As `Endpoint.complete`."""
        model = options.get("model") or self.model
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "stand-in" if self.is_standin else "openai",
            "gen_ai.request.model": model,
            "server.address": urlsplit(self.base_url).hostname or "",
        }
        if "max_tokens" in options:
            attributes["gen_ai.request.max_tokens"] = options["max_tokens"]
        with _span(self._tracer, f"chat {model}", SpanKind.CLIENT, attributes) as span:
            completion = await super().complete(messages, **options)
            span.set_attributes(
                {
                    "gen_ai.response.model": completion.model or model,
                    "gen_ai.response.finish_reasons": (completion.finish_reason,),
                    "gen_ai.usage.input_tokens": completion.usage.prompt,
                    "gen_ai.usage.output_tokens": completion.usage.completion,
                }
            )
            if completion.failure is not None:
                _failed(span, completion.failure)
            return completion


class _Interceptor(Interceptor, WorkerInterceptor):
    def __init__(self, tracer: Tracer, project: Project) -> None:
        self._tracer = tracer
        self._project = project

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Activity(next, self._tracer, self._project)


class _Activity(ActivityInboundInterceptor):
    """A span for what an AI agent or a tool does, and one that begins and ends where the wait for a person begins."""

    def __init__(self, next: ActivityInboundInterceptor, tracer: Tracer, project: Project) -> None:
        super().__init__(next)
        self._tracer = tracer
        self._project = project

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        request = input.args[0] if input.args else None
        match request:
            case TurnRequest(situation=situation):
                step = step_here(self._project, situation, request.step)
                attributes = _of(situation, request.step) | {
                    "gen_ai.operation.name": "invoke_agent",
                    "gen_ai.agent.name": step.ai or "",
                }
                with _span(self._tracer, f"invoke_agent {step.ai}", SpanKind.INTERNAL, attributes) as span:
                    outcome = await super().execute_activity(input)
                    span.set_attributes({"journeyman.turn.outcome": outcome.kind, "journeyman.tokens": outcome.tokens})
            case ToolRequest(situation=situation):
                attributes = _of(situation, request.step) | {
                    "gen_ai.operation.name": "execute_tool",
                    "gen_ai.tool.call.id": request.call,
                }
                with _span(self._tracer, "execute_tool", SpanKind.INTERNAL, attributes):
                    outcome = await super().execute_activity(input)
            case _:
                outcome = await super().execute_activity(input)
        task = getattr(outcome, "task", None)
        if isinstance(request, TurnRequest | ToolRequest | OpenTaskRequest) and isinstance(task, OpenedTask):
            waits = {"journeyman.task": task.id, "journeyman.task.kind": task.kind, "journeyman.queue": task.queue}
            self._tracer.start_span("human_wait.begins", attributes=_of(request.situation, request.step) | waits).end()
        return outcome


def _of(situation: Situation, step: str) -> dict[str, Any]:
    return {
        "journeyman.journey": situation.journey,
        "journeyman.kind": situation.kind,
        "journeyman.version": situation.version,
        "journeyman.stage": situation.stage,
        "journeyman.step": step,
    }


@contextmanager
def _span(tracer: Tracer, name: str, kind: SpanKind, attributes: dict[str, Any]) -> Iterator[Span]:
    """A current span; an exception leaves its type in it, and no word."""
    with tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception as error:
            _failed(span, error)
            raise


def _failed(span: Span, error: Exception) -> None:
    span.set_attribute("error.type", error.cause if isinstance(error, ModelError) else type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))


def _wordless(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[Event(event.name, _types_only(event), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _types_only(event: Event) -> dict[str, Any]:
    return {name: value for name, value in (event.attributes or {}).items() if name == "exception.type"}
