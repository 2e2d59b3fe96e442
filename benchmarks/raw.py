"""What the step benchmark compares with: the same on raw Temporal, in a module that imports nothing of ours.

A sandbox loads a workflow's module for every run, so what it imports would be part of the figure.
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

RAW_CALL = "benchmarks.raw_call"
MARK = "benchmarks.mark"
RAW_QUEUE = "benchmarks-raw"
RAW_AGENTS_QUEUE = "benchmarks-raw-agents"


@dataclass
class Rounds:
    """How many calls, and what the model is shown in each: a workflow keeps it, since raw Temporal has no other place."""

    rounds: int
    messages: list[dict[str, str]]


@workflow.defn(name="raw-rounds")
class RawRounds:
    """The same model call, N times, as anyone would write it on Temporal."""

    @workflow.run
    async def run(self, work: Rounds) -> str:
        """The last word."""
        word = ""
        for _ in range(work.rounds):
            word = await workflow.execute_activity(
                RAW_CALL,
                work.messages,
                result_type=str,
                task_queue=RAW_AGENTS_QUEUE,
                start_to_close_timeout=timedelta(seconds=30),
            )
        return word


@workflow.defn(name="raw-signals")
class RawSignals:
    """N signals that carry an answer."""

    def __init__(self) -> None:
        self.answers: list[str] = []

    @workflow.run
    async def run(self, rounds: int) -> None:
        """Marks the moment when each has been applied."""
        for number in range(rounds):
            await workflow.wait_condition(lambda wanted=number: len(self.answers) > wanted)  # type: ignore[misc]
            await workflow.execute_local_activity(
                MARK, workflow.info().workflow_id, start_to_close_timeout=timedelta(seconds=5)
            )

    @workflow.signal
    def answer(self, word: str) -> None:
        """One answer."""
        self.answers.append(word)
