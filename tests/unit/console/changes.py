"""Changes for the tests of who is told."""

from journeyman.console.live.change import ALL, Change, Topic

ANA = Topic("person", "ana")
CLAIMS = Topic("queue", "claims")


def made(id: int, *topics: Topic, type: str = "task.claimed", position: int | None = None) -> Change:
    """A change of this id; it is always told to `all`."""
    place = id if position is None else position
    at = "2026-06-01T10:00:00.000Z"
    return Change(id, b"%d" % id, place, type, "jrn-1", "task-1", "claims", "ana", at, frozenset({ALL, *topics}))
