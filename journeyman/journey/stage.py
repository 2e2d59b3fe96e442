"""Stages: the named states of a journey's machine."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from journeyman.errors import DefinitionError

StageBody = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True)
class End:
    """What a stage returns to end the journey."""

    outcome: str


@dataclass(frozen=True)
class Stage:
    """One declared stage. Reading it from a journey (`self.gather`) gives this object, which a stage returns to move on."""

    name: str
    to: tuple[str, ...]
    ends: tuple[str, ...]
    initial: bool
    body: StageBody

    async def __call__(self, journey: object) -> "Stage | End":
        following = await self.body(journey)
        if isinstance(following, Stage) and following.name in self.to:
            return following
        if isinstance(following, End) and following.outcome in self.ends:
            return following
        allowed = [f"self.{name}" for name in self.to] + [f'self.end("{outcome}")' for outcome in self.ends]
        raise DefinitionError(
            f"stage `{self.name}` returned `{following!r}`, which it does not declare; return one of {', '.join(allowed)}, "
            "or add it to `to` or `ends`"
        )


def stage(*, to: Sequence[str] = (), ends: Sequence[str] = (), initial: bool = False) -> Callable[[StageBody], Stage]:
    """Declare a stage: `to` names the stages that may follow it, `ends` the outcomes with which it may end the journey."""

    def declare(body: StageBody) -> Stage:
        name = body.__name__
        if not to and not ends:
            raise DefinitionError(
                f'stage `{name}` leads nowhere; give it `to=["..."]`, or `ends=["..."]` if the journey ends there'
            )
        return Stage(name, tuple(to), tuple(ends), initial, body)

    return declare
