"""A journey that goes through every phase there is: its plan, a list of step names, is its input.

Its tools act on a double in another process than the worker's, which counts what is done to it.
"""

import asyncio
import json
import os
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from journeyman.agents import AIAgent, ToolCall, tool
from journeyman.errors import DefinitionError, StepDisposed
from journeyman.journey import Disposition, End, Fact, Journey, Stage, Step, journey, stage

DOUBLE = "ERRAND_DOUBLE"
"""The environment variable with the port of the double."""


class Note(BaseModel):
    """What a step comes to."""

    text: str


class Judgement(BaseModel):
    """A result that policy looks at."""

    outcome: Annotated[Literal["pay", "refuse"], Fact("outcome")]


class Call(BaseModel):
    """What a tool is told."""

    box: str


class Opening(BaseModel):
    """What opens a box."""

    pin: str


class Payment(BaseModel):
    """What is to be paid."""

    amount_minor: int


class Receipt(BaseModel):
    """What a tool answers."""

    receipt: str


async def _act(tool: str, key: str, told: str) -> Receipt:
    """Do something to the double."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ[DOUBLE]))
    try:
        writer.write(json.dumps({"tool": tool, "key": key, "told": told}).encode() + b"\n")
        return Receipt.model_validate_json(await reader.readline())
    finally:
        writer.close()


@tool(mode="idempotent")
async def deliver(args: Call, call: ToolCall) -> Receipt:
    """Deliver a box."""
    return await _act("deliver", call.idempotency_key, args.box)


@tool(mode="read", secrets=("pin",))
async def open_box(args: Opening, call: ToolCall) -> Receipt:
    """Look into a box."""
    pin = await call.reveal(args.pin)
    return await _act("open_box", call.idempotency_key, f"{len(pin)} digits")


@tool(mode="idempotent")
async def pay(args: Payment, call: ToolCall) -> Receipt:
    """Pay; a person approves it first."""
    return await _act("pay", call.idempotency_key, str(args.amount_minor))


@tool(mode="at_most_once")
async def stamp(args: Call, call: ToolCall) -> Receipt:
    """Stamp a box, which cannot be undone and must not happen twice."""
    return await _act("stamp", call.idempotency_key, args.box)


RUNNER = AIAgent(
    name="runner",
    title="Runner",
    instructions="Run errands.",
    tools=(deliver, open_box, pay, stamp),
    standin="errands:runner",
)

_WITHDRAWN = (Disposition("withdrawn", "No longer wanted"),)

TALK = Step("talk", output=Note, ai="runner", queue="errands", silence="1h")
FETCH = Step("fetch", output=Note, ai="runner", queue="errands")
THINK = Step("think", output=Note, ai="runner", queue="errands")
JUDGE = Step("judge", output=Judgement, ai="runner", queue="errands")
PAY = Step("pay-for-it", output=Note, ai="runner", queue="errands")
STAMP = Step("stamp-it", output=Note, ai="runner", queue="errands")
SIGN = Step("sign", output=Note, queue="errands", dispositions=_WITHDRAWN)
UNDO = Step("undo", input=Note, output=Note, queue="errands")

WHOLE = ["talk", "fetch", "sign", "judge", "pay-for-it", "link"]


class ErrandState(BaseModel):
    """The journey's state."""

    plan: list[str] = Field(default_factory=lambda: list(WHOLE))
    done: list[str] = Field(default_factory=list)
    linked: str = ""


@journey("errand", version=1)
class Errand(Journey[ErrandState]):
    """Errands, one after another."""

    @stage(initial=True, to=["next_errand"], ends=["done", "withdrawn"])
    async def next_errand(self) -> Stage | End:
        if not self.state.plan:
            return self.end("done")
        name = self.state.plan.pop(0)
        try:
            await self._run(name)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        self.state.done.append(name)
        return self.next_errand

    async def _run(self, name: str) -> None:
        match name:
            case "talk":
                await self.perform(TALK)
            case "fetch":
                await self.perform(FETCH)
            case "think":
                await self.perform(THINK)
            case "judge":
                await self.perform(JUDGE)
            case "pay-for-it":
                await self.perform(PAY)
            case "stamp-it":
                await self.perform(STAMP)
            case "sign":
                await self.perform(SIGN)
            case "promise":
                self.compensate(UNDO, Note(text=f"undo {len(self.state.done)}"))
            case "link":
                self.state.linked = await self.open_linked("errand", ErrandState(plan=[]))
            case _:
                raise DefinitionError(f"there is no errand `{name}`")
