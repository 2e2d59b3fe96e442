"""Whether a customer may leave, by signs in what they write: fixed rules, no model, and no measurement of a person.

That they spoke of cancelling, or complained, stays true of the journey. That they grow unhappier is true as long as their last
messages say so. A task of such a customer is not more urgent in itself; it comes as if it had waited longer.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Final

from journeyman.conversation.sentiment import falling

AHEAD: Final = {"cancellation": timedelta(hours=4), "falling": timedelta(hours=2), "complaint": timedelta(hours=1)}
"""The signs, and by how much longer a task then counts as waiting."""

WINDOW: Final = 6
"""How many of the customer's last messages tell whether they grow unhappier."""

_STAYS: Final = frozenset({"cancellation", "complaint"})


def signs(before: Iterable[str], triggers: Collection[str], scores: Sequence[int]) -> frozenset[str]:
    """The signs after a message: `before` it, its `triggers`, and the `scores` of the last WINDOW messages, oldest first."""
    lasting = _STAYS & {*before, *triggers}
    return lasting | {"falling"} if falling(scores) else lasting


def ahead(signs: Iterable[str]) -> timedelta:
    """By how much longer a task counts as waiting, by all these signs. Unknown ones count nothing."""
    return sum((AHEAD[sign] for sign in signs if sign in AHEAD), timedelta())
