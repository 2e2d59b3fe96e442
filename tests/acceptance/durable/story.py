"""The whole story of an errand, told from outside: a customer writes twice, a person finishes three tasks."""

from collections import Counter

from temporalio.client import WorkflowExecutionStatus

from tests.acceptance.durable.account import Account
from tests.acceptance.durable.script import QUESTION, SORRY, THANKS
from tests.acceptance.durable.stage import Errands

MODEL_CALLS = 7

WHOLE_STORY = Account(
    outcomes=["done", "done"],
    messages=[
        "customer: I have an errand",
        "system: You are talking with an AI assistant. You can ask for a person at any time.",
        "system: This conversation is recorded, so that we can show later what was said and done.",
        f"ai: {QUESTION}",
        "customer: Box 7, and the PIN is [pin]",
        f"ai: {THANKS}",
        f"ai: {SORRY}",
        "person: approved",
    ],
    tasks=[("work", "sign", "completed"), ("review", "judge", "completed"), ("approval", "pay-for-it", "completed")],
    entries=Counter(
        {
            "customer.added": 1,
            "decision.complete": 4,
            "decision.deliver": 1,
            "decision.open_box": 1,
            "decision.pay": 1,
            "decision.perform": 7,
            "decision.propose:pay": 1,
            "decision.say": 3,
            "journey.completed": 2,
            "journey.linked": 1,
            "journey.opened": 2,
            "message.noted": 1,
            "message.said": 7,
            "secret.revealed": 1,
            "stage.entered": 6,
            "step.given": 1,
            "task.claimed": 3,
            "task.completed": 3,
            "task.opened": 3,
            "task.settled": 2,
            "task.started": 3,
            "tool.intent": 3,
            "tool.outcome": 3,
        }
    ),
    tools=["deliver", "open_box", "pay"],
)
"""What the whole story comes to: one entry a decision and a deed, each message once, each tool once."""


async def tell(errands: Errands) -> str:
    """Play it to its end; returns the journey."""
    journey = await errands.asks("say", address="bob", text="I have an errand", id="m1")
    await told(errands, QUESTION)
    await errands.asks("say", address="bob", text="Box 7, and the PIN is 4711", id="m2")
    for kind, output in (("work", {"text": "signed"}), ("review", None), ("approval", None)):
        task = await waiting_task(errands, kind)
        await errands.asks("finish", task=task, person="ada", output=output)
    await closed(errands, journey)
    return journey


async def tell_plan(errands: Errands, *plan: str) -> str:
    """Play errands with another plan to their end; returns the journey."""
    journey = await errands.asks("open", plan=list(plan))
    await closed(errands, journey)
    return journey


async def told(errands: Errands, text: str) -> None:
    """Wait until the customer was told something."""

    async def found() -> bool | None:
        async with errands.database.connection() as conn:
            rows = await conn.fetch("select m.body, j.customer_id from message m join journey j on j.id = m.journey_id")
            texts = [await errands.keyring.open(conn, row["customer_id"], row["body"]) for row in rows]
            return True if text in texts else None

    await errands.until(found, f"the message `{text}`")


async def waiting_task(errands: Errands, kind: str) -> str:
    """Wait for an open task of this kind."""

    async def found() -> str | None:
        async with errands.database.connection() as conn:
            task: str | None = await conn.fetchval("select id from task where kind = $1 and closed_at is null", kind)
            return task

    return await errands.until(found, f"a task of kind `{kind}`")


async def closed(errands: Errands, journey: str) -> None:
    """Wait until a journey has ended, here and in Temporal, and those linked from it, and every event is settled."""

    async def found() -> bool | None:
        async with errands.database.connection() as conn:
            left = await conn.fetchval(
                "select (select count(*) from journey where status = 'open') "
                "+ (select count(*) from outbox where settled_at is null)"
            )
        if left:
            return None
        ended = await errands.temporal.get_workflow_handle(journey).describe()
        return True if ended.status == WorkflowExecutionStatus.COMPLETED else None

    await errands.until(found, f"the end of journey `{journey}`")
