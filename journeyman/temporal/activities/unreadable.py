"""What no retry mends: a stored value that was altered, or a fault in what makes facts of it. The work goes to a person."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from temporalio import activity

from journeyman.conversation.masking import scrub
from journeyman.customers.journeys import SYSTEM
from journeyman.errors import JourneymanError, UnreadableError
from journeyman.journey.contract import Situation
from journeyman.ledger.entry import Entry
from journeyman.temporal import record

OutcomeT = TypeVar("OutcomeT")

ATTEMPTS: Final = 5
"""How often an activity is tried that breaks in a way which nobody foresaw, before it is given up. Each attempt at a turn may be
a model call that is paid for."""

REASON: Final = "facts_unreadable"
"""Why a person has it: what policy would have to be asked with cannot be read."""


async def or_else(work: Awaitable[OutcomeT], otherwise: Callable[[Exception], Awaitable[OutcomeT]]) -> OutcomeT:
    """What the work comes to; where it breaks for good, what `otherwise` does about it.

    A service that is away is waited for. Raises UnreadableError, and so fails the step, where the way out keeps breaking too.
    """
    try:
        return await work
    except Exception as error:
        if not _for_good(error):
            raise
        broken = error
    try:
        return await otherwise(broken)
    except JourneymanError:
        raise  # it says itself whether a retry helps
    except Exception as error:
        if activity.info().attempt < 2 * ATTEMPTS:
            raise
        raise UnreadableError(f"it can neither be done nor given to a person: {type(error).__name__}") from error


def _for_good(error: Exception) -> bool:
    if isinstance(error, JourneymanError):
        return isinstance(error, UnreadableError)
    info = activity.info()
    # What a local activity cannot end is tried again as a regular one.
    return not info.is_local and info.attempt >= ATTEMPTS


def unreadable(situation: Situation, step: str, error: Exception) -> Entry:
    """The entry of it. What broke may hold what somebody wrote, so its words are sealed."""
    return record.effect(
        situation,
        SYSTEM,
        "facts.unreadable",
        refs={"step": step},
        details={"cause": type(error).__name__},
        values={"message": scrub(str(error)).encode(errors="replace").decode()},
    )
