"""Workflows for the tests of the codec. Apart from those tests: the sandbox imports this module again."""

from datetime import timedelta
from typing import ClassVar, TypeVar

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from journeyman.journey.erased import Erased

T = TypeVar("T")

SECRET = "Ada-Lovelace-of-St-James-Square"


class Report(BaseModel):
    """Something of a person."""

    name: str
    amount: int


class Verdict(BaseModel):
    """Something of nobody: it steers the journey."""

    journeyman_impersonal: ClassVar[bool] = True

    allowed: bool


@activity.defn(name="look-up")
async def look_up(report: Report) -> Report:
    activity.heartbeat(f"looking for {report.name}")
    return Report(name=report.name, amount=report.amount + 1)


@activity.defn(name="decide")
async def decide(report: Report) -> Verdict:
    return Verdict(allowed=not isinstance(report, Erased) and report.amount > 1)


@activity.defn(name="fail")
async def fail(name: str) -> None:
    raise ApplicationError(f"cannot help {name}", {"customer": name}, non_retryable=True)


@workflow.defn(name="codec-journey")
class CodecJourney:
    """Does everything that puts a payload into a history."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.report: Report | None = None

    @workflow.run
    async def run(self, report: Report) -> Report:
        self.report = await self._do("look-up", report, Report)
        verdict = await self._do("decide", self.report, Verdict)
        try:
            await self._do("fail", self.report.name, type(None))
        except ActivityError:
            workflow.logger.debug("as expected")
        side = await workflow.execute_child_workflow(
            "codec-side", self.report.name, id=f"{workflow.info().workflow_id}-s"
        )
        workflow.upsert_memo({"about": side})
        await workflow.wait_condition(lambda: len(self.heard) == 2)
        if not verdict.allowed:
            raise ApplicationError("refused")
        if self.heard[0] == "fail":
            raise ApplicationError(f"gave up on {self.report.name}")
        return self.report

    async def _do(self, name: str, argument: object, result: type[T]) -> T:
        done: T = await workflow.execute_activity(
            name,
            argument,
            result_type=result,
            start_to_close_timeout=timedelta(seconds=30),
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100)),
        )
        return done

    @workflow.signal
    def hear(self, word: str) -> None:
        self.heard.append(word)

    @workflow.update
    def tell(self, word: str) -> str:
        self.heard.append(word)
        return f"told {word}"

    @workflow.query
    def who(self, prefix: str) -> str:
        return f"{prefix} {self.report.name if self.report is not None else None}"


@workflow.defn(name="codec-side")
class CodecSide:
    """A child that belongs to no journey of its own."""

    @workflow.run
    async def run(self, name: str) -> str:
        return f"about {name}"
