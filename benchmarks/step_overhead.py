"""What governance costs over raw Temporal: `python -m benchmarks.step_overhead [--json] [--runs 5]`.

In one run, on one machine, with a durable Postgres and Temporal's file database: a raw workflow that makes a model call in
an activity, beside a governed autonomous step that makes the same call (same prompt, same schema, same endpoint, model
calls on a task queue and worker of their own on both sides); and a raw signal beside a person's submit. Latency is the
slope over 10 steps at concurrency 1, throughput that of CONCURRENCY journeys at once, and last, for its bursts are felt long
after. Both sides run interleaved, and take turns in who goes first, because Temporal's timers of the one fall due while the
other is measured. A run is the median of PASSES on each side, its ratio is of those two, and the median of the runs' ratios
counts: a machine whose speed changes between runs changes both.
"""

import argparse
import asyncio
import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import openai
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from benchmarks.journeys import ROUND, Answer, AutonomousRounds, HumanRounds
from benchmarks.raw import MARK, RAW_AGENTS_QUEUE, RAW_CALL, RAW_QUEUE, RawRounds, RawSignals, Rounds
from journeyman.agents import AIAgent
from journeyman.agents.endpoint import Endpoint
from journeyman.agents.envelope import response_format
from journeyman.agents.prompt import Turn, prompt
from journeyman.agents.standin.reply import StandinReply, result
from journeyman.agents.standin.request import StandinRequest
from journeyman.conversation.notices import Notices
from journeyman.customers import journeys, record
from journeyman.embedded.stack import Stack
from journeyman.journey import names
from journeyman.ledger.entry import Actor
from journeyman.ledger.integrator import integrate_for_ever
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import put_in_force
from journeyman.store.database import Database
from journeyman.tasks import closing, roster, staffing, working
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin
from journeyman.views import inbox

POLICIES = Path(__file__).parent.parent / "policies"
STEPS = 10
PASSES = 6
CONCURRENCY = 16
PAUSE = 0.05
"""Seconds before a signal and before a submit, for both find a workflow that waits, as people's do. One that is sent the moment
that the last was applied is brought along by that workflow task's completion, and nothing has to be woken.
"""
BY = Actor(kind="system", id="benchmark")
AGENT = AIAgent(
    name="answerer",
    title="Answerer",
    instructions="You answer with one word.",
    standin="benchmarks.step_overhead:answer",
)
STAFF: dict[str, Any] = {
    "teams": ["bench"],
    "people": {"anna": {"name": "Anna", "teams": ["bench"], "capacity": 100}},
    "queues": {"bench": {"title": "Bench", "teams": ["bench"], "complete": "1h"}},
}
POLICY = """
// The answerer works.
@id("answerer-works")
@serves("the benchmark")
permit (principal == AIAgent::"answerer", action in [Action::"perform", Action::"say", Action::"complete"], resource);
"""


def answer(request: StandinRequest) -> StandinReply:
    """The stand-in's script: at once."""
    return result(Answer(word="yes"))


Sides = dict[str, Callable[[], Awaitable[float]]]
"""The two sides of a measure, raw Temporal first, by the names of their figures."""


class Bench:
    """Both sides, running."""

    def __init__(self, engine: Engine, client: Client, raw: Client) -> None:
        self.engine, self.client, self.raw = engine, client, raw
        self.desk = engine.desk
        self.marks: dict[str, asyncio.Queue[float]] = {}
        self.openai = openai.AsyncOpenAI(base_url=engine.endpoint.base_url, api_key="none", max_retries=0)
        shown = prompt(Turn(agent=AGENT, step=ROUND.heading, instructions=ROUND.instructions, output=Answer))
        self.messages = shown.messages

    # What the raw side does ---------------------------------------------------------------------------------------------

    @activity.defn(name=RAW_CALL)
    async def raw_call(self, messages: list[dict[str, str]]) -> str:
        """The same call on the bare client: streamed, with log-probabilities and usage."""
        create: Any = self.openai.chat.completions.create
        stream = await create(
            model=self.engine.endpoint.model_for(AGENT),
            messages=messages,
            response_format=response_format(Answer),
            logprobs=True,
            max_completion_tokens=AGENT.max_tokens,
            stream=True,
            stream_options={"include_usage": True},
        )
        async with stream:
            said = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
        return str(json.loads("".join(said))["result"]["word"])

    @activity.defn(name=MARK)
    async def mark(self, workflow_id: str) -> None:
        """The moment when a workflow has taken an answer."""
        self.marks[workflow_id].put_nowait(time.perf_counter())

    # One journey each --------------------------------------------------------------------------------------------------

    async def raw_rounds(self, rounds: int) -> None:
        """N raw calls."""
        work = Rounds(rounds, self.messages)
        await self.raw.execute_workflow(RawRounds.run, work, id=f"raw-{uuid4()}", task_queue=RAW_QUEUE)

    async def governed_rounds(self, rounds: int) -> None:
        """N governed steps."""
        journey = await self.open("bench-ai", rounds)
        await self.client.get_workflow_handle(journey).result()

    async def open(self, kind: str, rounds: int) -> str:
        """Start a journey of a customer of its own."""
        now = datetime.now(UTC)
        async with recording(self.engine.database, self.engine.keyring) as tx:
            customer = await record.add(tx, record.NewCustomer(), channel="chat", address=str(uuid4()), by=BY, now=now)
            new = journeys.NewJourney(customer=customer.id, input={"rounds": rounds})
            row = await journeys.open_journey(tx, self.engine.project.definition(kind), new, by=BY, now=now)
        self.marks[row.id] = asyncio.Queue()
        await dispatch(self.engine.database, self.engine.keyring, self.client, now=now, journey=row.id)
        return row.id

    # Measures ----------------------------------------------------------------------------------------------------------

    async def slope(self, rounds: Callable[[int], Awaitable[None]]) -> float:
        """Milliseconds a step: of 11 steps less 1, over 10, so that no start and no end counts."""
        times = []
        for count in (1, STEPS + 1):
            began = time.perf_counter()
            await rounds(count)
            times.append(time.perf_counter() - began)
        return (times[1] - times[0]) / STEPS * 1000

    async def throughput(self, rounds: Callable[[int], Awaitable[None]]) -> float:
        """Steps a second, with CONCURRENCY journeys at once: of 11 steps each less 1."""

        async def at_once(count: int) -> None:
            await asyncio.gather(*(rounds(count) for _ in range(CONCURRENCY)))

        return CONCURRENCY * 1000 / await self.slope(at_once)

    async def signals(self) -> float:
        """Milliseconds from sending a raw signal until it is applied; the median of 10."""
        workflow_id = f"raw-{uuid4()}"
        self.marks[workflow_id] = asyncio.Queue()
        handle = await self.raw.start_workflow(RawSignals.run, STEPS, id=workflow_id, task_queue=RAW_QUEUE)
        times = []
        for _ in range(STEPS):
            await asyncio.sleep(PAUSE)
            began = time.perf_counter()
            await handle.signal(RawSignals.answer, "yes")
            times.append(await self.marks[workflow_id].get() - began)
        await handle.result()
        return statistics.median(times) * 1000

    async def submits(self) -> float:
        """Milliseconds from a person's submit until `perform` returns; the median of 10."""
        journey = await self.open("bench-people", STEPS)
        times = []
        for _ in range(STEPS):
            task = await self._task(journey)
            await asyncio.sleep(PAUSE)
            began = time.perf_counter()
            await closing.complete(self.desk, task, "anna", {"word": "yes"}, now=datetime.now(UTC), auth="benchmark")
            await dispatch(
                self.engine.database, self.engine.keyring, self.client, now=datetime.now(UTC), journey=journey
            )
            times.append(await self.marks[journey].get() - began)
        await self.client.get_workflow_handle(journey).result()
        return statistics.median(times) * 1000

    async def answers(self) -> float:
        """Milliseconds until the endpoint has answered, asked by the bare client; the median of 20."""
        times = []
        for _ in range(20):
            began = time.perf_counter()
            await self.raw_call(self.messages)
            times.append(time.perf_counter() - began)
        return statistics.median(times) * 1000

    @property
    def measures(self) -> list[Sides]:
        """What is measured, on both sides."""
        return [
            {
                "raw_step_ms": lambda: self.slope(self.raw_rounds),
                "governed_step_ms": lambda: self.slope(self.governed_rounds),
            },
            {"signal_ms": self.signals, "submit_ms": self.submits},
            {
                "raw_steps_per_s": lambda: self.throughput(self.raw_rounds),
                "governed_steps_per_s": lambda: self.throughput(self.governed_rounds),
            },
        ]

    async def run(self, sides: Sides) -> dict[str, float]:
        """One measure on both sides, PASSES times, the other side first each time; the medians."""
        found: dict[str, list[float]] = {}
        for number in range(PASSES):
            for name in sides if number % 2 == 0 else reversed(sides):
                found.setdefault(name, []).append(await sides[name]())
        return {name: statistics.median(values) for name, values in found.items()}

    async def _task(self, journey: str) -> str:
        while True:
            for ranked in await inbox.waiting(self.desk, "anna", now=datetime.now(UTC)):
                if ranked.task.journey_id == journey:
                    await working.claim(self.desk, ranked.task.id, "anna", now=datetime.now(UTC), auth="benchmark")
                    await working.start(self.desk, ranked.task.id, "anna", now=datetime.now(UTC), auth="benchmark")
                    return ranked.task.id
            await asyncio.sleep(0.01)


async def measure(runs: int) -> dict[str, Any]:
    """Start everything, warm up, run interleaved, compare."""
    folder = Path(tempfile.mkdtemp(prefix="journeyman-bench-"))
    stack = Stack(folder / "stack", ui=False)
    try:
        async with AsyncExitStack() as running:
            await running.enter_async_context(stack)
            bench = await _start(running, stack, folder)
            await asyncio.gather(bench.raw_rounds(5), bench.governed_rounds(5))
            await asyncio.gather(bench.signals(), bench.submits())
            figures: dict[str, list[float]] = {}
            for sides in bench.measures:
                for number in range(runs):
                    found = await bench.run(sides)
                    for name, value in found.items():
                        figures.setdefault(name, []).append(value)
                    told = ", ".join(f"{name} {value:.1f}" for name, value in found.items())
                    print(f"run {number + 1} of {runs}: {told}", file=sys.stderr)  # noqa: T201 - progress
            events = {
                "autonomous_step_events": await _events(bench, "bench-ai", people=False),
                "human_step_events": await _events(bench, "bench-people", people=True),
            }
            endpoint = {"endpoint_ms": round(await bench.answers(), 2)}
            return compared(figures) | events | endpoint | {"cores": os.cpu_count()}
    finally:
        await stack.remove()
        shutil.rmtree(folder, ignore_errors=True)


def compared(figures: dict[str, list[float]]) -> dict[str, Any]:
    """The medians of the runs, and of the runs' ratios."""

    def ratio(governed: str, raw: str) -> float:
        ratios = [one / other for one, other in zip(figures[governed], figures[raw], strict=True)]
        return round(statistics.median(ratios), 2)

    medians = {name: round(statistics.median(values), 2) for name, values in figures.items()}
    return medians | {
        "latency_ratio": ratio("governed_step_ms", "raw_step_ms"),
        "throughput_ratio": ratio("governed_steps_per_s", "raw_steps_per_s"),
        "submit_ratio": ratio("submit_ms", "signal_ms"),
        "concurrency": CONCURRENCY,
        "runs": len(figures["signal_ms"]),
    }


async def _events(bench: Bench, kind: str, *, people: bool) -> float:
    """History events a step: of 10 steps less those of 1, over 9."""
    counts = []
    for rounds in (1, STEPS):
        journey = await bench.open(kind, rounds)
        for _ in range(rounds if people else 0):
            task = await bench._task(journey)
            await closing.complete(bench.desk, task, "anna", {"word": "yes"}, now=datetime.now(UTC), auth="benchmark")
            await dispatch(
                bench.engine.database, bench.engine.keyring, bench.client, now=datetime.now(UTC), journey=journey
            )
        handle = bench.client.get_workflow_handle(journey)
        await handle.result()
        counts.append(len((await handle.fetch_history()).events))
    return round((counts[1] - counts[0]) / (STEPS - 1), 2)


async def _start(running: AsyncExitStack, stack: Stack, folder: Path) -> Bench:
    database = await Database.connect(stack.dsn("journeyman_app"), max_size=16)
    running.push_async_callback(database.close)
    integrator = await Database.connect(stack.dsn("journeyman_integrator"), max_size=2)
    running.push_async_callback(integrator.close)
    base_url = await _standin(running)
    endpoint = Endpoint(base_url, "none", "stand-in")
    running.push_async_callback(endpoint.close)
    engine = Engine(database, stack.keyring, _project(folder), endpoint)
    client = await stack.client(database, engine.keyring)
    raw = Client(client.service_client, namespace=client.namespace, data_converter=pydantic_data_converter)
    bench = Bench(engine, client, raw)
    running.push_async_callback(bench.openai.close)
    now = datetime.now(UTC)
    async with recording(database, engine.keyring) as tx:
        await put_in_force(tx, engine.project.bundle(), [AGENT], BY, now)
    await roster.apply(bench.desk, STAFF, BY, now)
    await staffing.set_presence(bench.desk, "anna", "online", by="anna", now=now, auth="benchmark")
    for role, queue in names.QUEUES.items():
        marks = [bench.mark] if role == "journeys" else []
        worker = Worker(client, task_queue=queue, plugins=[JourneymanPlugin(engine, roles=(role,))], activities=marks)
        await running.enter_async_context(worker)
    await running.enter_async_context(
        Worker(raw, task_queue=RAW_QUEUE, workflows=[RawRounds, RawSignals], activities=[bench.mark])
    )
    await running.enter_async_context(Worker(raw, task_queue=RAW_AGENTS_QUEUE, activities=[bench.raw_call]))
    integrating = asyncio.create_task(integrate_for_ever(integrator, stack.signing_key, lambda: datetime.now(UTC)))
    running.callback(integrating.cancel)
    gc.freeze()  # as a worker process does, for both sides
    return bench


async def _standin(running: AsyncExitStack) -> str:
    """The model endpoint, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "journeyman.agents.standin", "--port", "0", stdout=asyncio.subprocess.PIPE
    )

    async def end() -> None:
        process.terminate()
        await process.wait()

    running.push_async_callback(end)
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


def _project(folder: Path) -> Project:
    policies = folder / "policies"
    policies.mkdir()
    for name in ("schema.cedarschema", "base.cedar", "notices.toml"):
        shutil.copy(POLICIES / name, policies)
    (policies / "tools.cedarschema").write_text("")
    (policies / "bench.cedar").write_text(POLICY)
    notices = Notices.load(policies / "notices.toml")
    return Project.of([AutonomousRounds, HumanRounds], [AGENT], folder=folder, policies=policies, notices=notices)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_overhead", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs; the median counts (5)")
    options = parser.parse_args()
    found = asyncio.run(measure(options.runs))
    lines = json.dumps(found) if options.json else "\n".join(f"{name:24} {value}" for name, value in found.items())
    print(lines)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
