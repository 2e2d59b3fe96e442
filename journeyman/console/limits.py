"""How often one may: of what is asked too often, one hears when to try again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request

from journeyman.console.bucket import Buckets
from journeyman.console.problem import RefusedError


@dataclass
class Limits:
    """One a process."""

    messages: Buckets = field(default_factory=lambda: Buckets(20, timedelta(seconds=2)))
    """What one session sends; what its customer has sent by other processes counts too."""
    address: Buckets = field(default_factory=lambda: Buckets(200, timedelta(milliseconds=100)))
    """What comes from one address of the network."""
    begun: Buckets = field(default_factory=lambda: Buckets(30, timedelta(seconds=10)))
    """Chats that are begun from one address of the network."""
    suggestions: Buckets = field(default_factory=lambda: Buckets(10, timedelta(seconds=6)))
    """What one person asks of the copilot."""


def limit(buckets: Buckets, who: object, now: datetime) -> None:
    """Raises RefusedError: 429, with when to try again."""
    if wait := buckets.take(who, now):
        raise RefusedError(429, "too much at once", remedy=f"try again in {wait} s", retry_after=wait)


def limits_of(request: Request) -> Limits:
    """The process's."""
    limits: Limits = request.app.state.limits
    return limits


def limit_suggestions(request: Request, person: str, now: datetime) -> None:
    """Raises RefusedError where a person asks the copilot too often."""
    limit(limits_of(request).suggestions, person, now)
