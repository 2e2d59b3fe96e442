"""What the step benchmark runs: a journey of N autonomous steps and one of N human steps, and the same on raw Temporal."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow

from journeyman.journey import End, Journey, Stage, Step, journey, stage

RAW_CALL = "benchmarks.raw_call"
MARK = "benchmarks.mark"
RAW_QUEUE = "benchmarks-raw"
RAW_AGENTS_QUEUE = "benchmarks-raw-agents"


class Answer(BaseModel):
    """What the model answers."""

    word: str


class Rounds(BaseModel):
    """How many steps."""

    rounds: int = 1


ROUND = Step("round", output=Answer, ai="answerer", queue="bench", instructions="Answer with a word.")
WORK = Step("work", output=Answer, queue="bench")


@journey("bench-ai", version=1)
class AutonomousRounds(Journey[Rounds]):
    """N one-turn steps of an AI agent."""

    @stage(initial=True, ends=["done"])
    async def work(self) -> Stage | End:
        """All in one stage."""
        for _ in range(self.state.rounds):
            await self.perform(ROUND)
        return self.end("done")


@journey("bench-people", version=1)
class HumanRounds(Journey[Rounds]):
    """N steps of a person."""

    @stage(initial=True, ends=["done"])
    async def work(self) -> Stage | End:
        """Marks the moment when `perform` has returned."""
        for _ in range(self.state.rounds):
            await self.perform(WORK)
            await workflow.execute_local_activity(
                MARK, workflow.info().workflow_id, start_to_close_timeout=timedelta(seconds=5)
            )
        return self.end("done")


@workflow.defn(name="raw-rounds")
class RawRounds:
    """The same model call, N times, as anyone would write it on Temporal."""

    @workflow.run
    async def run(self, rounds: int) -> str:
        """The last word."""
        word = ""
        for _ in range(rounds):
            word = await workflow.execute_activity(
                RAW_CALL, result_type=str, task_queue=RAW_AGENTS_QUEUE, start_to_close_timeout=timedelta(seconds=30)
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
