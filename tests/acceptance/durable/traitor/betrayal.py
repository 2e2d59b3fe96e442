"""A traitor at work: many customers at once, and each of them meets one of its attempts."""

import re
from collections.abc import Sequence

from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import StandinRequest
from journeyman.testing import Rehearsal, hand_over
from journeyman.testing.pending import pending_of
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.traitor.attempts import Attempt

_NUMBER = re.compile(r"case (\d+)")


class Traitor:
    """Answers each customer with the attempt that their case is about, and hands over once it has been tried."""

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        self.attempts = list(attempts)

    def __call__(self, request: StandinRequest) -> StandinReply:
        attempt = self.attempts[case_of(request)]
        tried = len(request.outcomes) >= attempt.rounds * max(len(attempt.reply.calls), 1)
        return hand_over("tried") if tried else attempt.reply


def case_of(request: StandinRequest) -> int:
    """Which attempt the customer of a request is to meet."""
    number = _NUMBER.search(" ".join(request.said))
    assert number is not None
    return int(number[1])


async def betray(rehearsal: Rehearsal, agent: str, attempts: Sequence[Attempt], words: str, kind: str) -> list[str]:
    """Open a journey an attempt, and wait until all of them wait for a customer or a person; returns their ids."""
    rehearsal.ai[agent].then(*[Traitor(attempts)] * 20 * len(attempts))
    journeys = [
        (await rehearsal.customer().says(f"{words} This is case {number}.", kind=kind)).id
        for number in range(len(attempts))
    ]
    await at_rest(rehearsal, journeys)
    return journeys


async def at_rest(rehearsal: Rehearsal, journeys: Sequence[str]) -> None:
    """Wait until each of them waits for a customer or a person."""
    for id in journeys:

        async def rests(id: str = id) -> bool | None:
            pending = await pending_of(rehearsal.temporal, id)
            return None if pending.at_work else True

        await eventually(rests, f"journey {id} to come to rest", rehearsal.journey(id).story)


async def heard(rehearsal: Rehearsal, journeys: Sequence[str]) -> dict[str, list[str]]:
    """What AI agents told each customer."""
    return {
        id: [
            m.text for m in await rehearsal.journey(id).messages() if m.author_kind == "ai" and m.audience == "customer"
        ]
        for id in journeys
    }


async def faithless(rehearsal: Rehearsal, journeys: Sequence[str], attempts: Sequence[Attempt]) -> list[str]:
    """The names of the attempts whose sentence has reached its customer."""
    told = await heard(rehearsal, journeys)
    return [
        attempt.name
        for attempt, id in zip(attempts, journeys, strict=True)
        if attempt.sentence is not None and told[id]
    ]
