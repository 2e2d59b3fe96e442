"""What `@journey` reads from a class: its stages and steps, checked while the module is imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args

from pydantic import BaseModel

from journeyman.errors import DefinitionError
from journeyman.journey.names import workflow_type
from journeyman.journey.stage import Stage
from journeyman.journey.step import Step, stable_name


@dataclass(frozen=True)
class Definition:
    """One version of a journey kind, as declared."""

    kind: str
    version: int
    title: str
    owner: str
    state: type[BaseModel]
    stages: dict[str, Stage]
    steps: dict[str, Step[Any]]
    notices: tuple[str, ...]

    @property
    def initial(self) -> Stage:
        return next(stage for stage in self.stages.values() if stage.initial)

    @property
    def workflow_type(self) -> str:
        return workflow_type(self.kind, self.version)

    @property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(outcome for stage in self.stages.values() for outcome in stage.ends))


def define(cls: type, *, kind: str, version: int, owner: str, notices: tuple[str, ...]) -> Definition:
    """Read and check a journey class. Raises DefinitionError with the remedy."""
    stable_name("journey kind", kind)
    if version < 1:
        raise DefinitionError(f"journey `{kind}` has version {version}; versions count from 1")
    state = _state_model(cls)
    stages = {name: value for name, value in _attributes(cls).items() if isinstance(value, Stage)}
    _check_stages(kind, stages)
    steps = _steps(kind, cls, stages)
    if not owner:
        owner = next((step.queue for step in steps.values()), "")
    if not owner:
        raise DefinitionError(
            f"journey `{kind}` has no owner; give `@journey(..., owner=...)` the queue that answers for it"
        )
    title = ((cls.__doc__ or kind).strip().splitlines() or [kind])[0].rstrip(".")
    return Definition(kind, version, title, owner, state, stages, steps, notices)


def _attributes(cls: type) -> dict[str, Any]:
    return {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}


def _state_model(cls: type) -> type[BaseModel]:
    for base in getattr(cls, "__orig_bases__", ()):
        for argument in get_args(base):
            if isinstance(argument, type) and issubclass(argument, BaseModel):
                return argument
    raise DefinitionError(
        f"`{cls.__name__}` names no state; write `class {cls.__name__}(Journey[YourState])` with a pydantic model"
    )


def _check_stages(kind: str, stages: dict[str, Stage]) -> None:
    if not stages:
        raise DefinitionError(f"journey `{kind}` has no stage; mark its methods with `@stage(...)`")
    initial = [stage.name for stage in stages.values() if stage.initial]
    if len(initial) != 1:
        raise DefinitionError(
            f"journey `{kind}` has {len(initial)} initial stages; mark exactly one with `@stage(initial=True, ...)`"
        )
    for stage in stages.values():
        for target in stage.to:
            if target not in stages:
                raise DefinitionError(
                    f"stage `{stage.name}` of `{kind}` leads to `{target}`, which is no stage; there are {', '.join(stages)}"
                )
    reached = _reach(stages, initial[0])
    for name in stages:
        if name not in reached:
            raise DefinitionError(
                f"stage `{name}` of `{kind}` is never reached; add it to the `to` of a stage, or delete it"
            )
        if not any(stages[later].ends for later in _reach(stages, name)):
            raise DefinitionError(
                f'from stage `{name}` of `{kind}` there is no way to an end; give a stage after it `ends=["..."]`'
            )


def _reach(stages: dict[str, Stage], start: str) -> set[str]:
    reached, frontier = {start}, [start]
    while frontier:
        fresh = [name for name in stages[frontier.pop()].to if name not in reached]
        reached.update(fresh)
        frontier.extend(fresh)
    return reached


def _steps(kind: str, cls: type, stages: dict[str, Stage]) -> dict[str, Step[Any]]:
    functions = [stage.body for stage in stages.values()]
    functions += [value for value in _attributes(cls).values() if isinstance(value, FunctionType)]
    steps: dict[str, Step[Any]] = {}
    for function in functions:
        for step in steps_named_in(function):
            if steps.setdefault(step.name, step) != step:
                raise DefinitionError(
                    f"journey `{kind}` uses two steps named `{step.name}`; a step's name says what it is for ever, so rename one"
                )
    if not steps:
        raise DefinitionError(f"journey `{kind}` performs no step; without one nobody ever does anything in it")
    return steps


def steps_named_in(function: Any) -> Iterator[Step[Any]]:
    """The steps that a function names: globals, or attributes of modules that it names."""
    names = list(_names(function.__code__))
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, Step):
            yield value
        elif isinstance(value, ModuleType):
            yield from (found for other in names if isinstance(found := vars(value).get(other), Step))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
