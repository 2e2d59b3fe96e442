"""What the step benchmark runs: a journey of N autonomous steps, and one of N human steps."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow

from benchmarks.raw import MARK
from journeyman.journey import End, Journey, Stage, Step, journey, stage


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
