"""A team's project: the journeys, AI agents, policies and texts that `[tool.journeyman]` in its pyproject.toml names."""

import importlib
import os
import sys
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from journeyman.agents.agent import AIAgent
from journeyman.agents.tool import Tool
from journeyman.conversation.notices import Notices, due
from journeyman.customers.journeys import JourneyRow
from journeyman.errors import ConfigurationError, DefinitionError, NotFoundError
from journeyman.governance.bundle import Bundle
from journeyman.journey.definition import Definition
from journeyman.journey.journey import Journey
from journeyman.journey.step import Step
from journeyman.knowledge.base import Base


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")

    journeys: list[str]
    agents: list[str] = []
    policies: str = "policies"
    knowledge: str | None = None
    roster: str | None = None
    demo: str | None = None
    review_share: int = 0
    links: list[str] = []
    providers: dict[str, str] = {}


@dataclass(frozen=True)
class Project:
    """Everything that a worker is assembled from. Checked as a whole: every step has its agent, every kind its newest version."""

    folder: Path
    journeys: dict[str, type[Journey[Any]]]  # by workflow type, `kind.vN`
    agents: dict[str, AIAgent]
    policies: Path
    notices: Notices
    knowledge: Path | None = None
    """The folder of what people and AI agents may look up."""
    roster: Path | None = None
    demo: str | None = None
    review_share: int = 0
    """Of 1,000 results, how many are drawn for review."""
    listed: frozenset[str] = frozenset()
    """Links and numbers that may be given out, as they are written: `links` are those."""
    providers: dict[str, str] = field(default_factory=dict)
    """Doubles that `journeyman dev` runs: the variable that tells tools an address, and `MODULE OPTIONS` of what listens
    there, in which `{port}`, `{folder}` (of `dev`) and `{project}` are filled in."""
    newest: dict[str, Definition] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Project":
        """Read and check a project. Raises ConfigurationError or DefinitionError with the remedy."""
        folder = folder.resolve()
        section = _section(folder)
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        journeys = [load_object(name, type) for name in section.journeys]
        agents = [load_object(name, AIAgent) for name in section.agents]
        policies = folder / section.policies
        return cls.of(
            journeys,
            agents,
            folder=folder,
            policies=policies,
            notices=Notices.load(policies / "notices.toml"),
            knowledge=folder / section.knowledge if section.knowledge else None,
            roster=folder / section.roster if section.roster else None,
            demo=section.demo,
            review_share=section.review_share,
            listed=frozenset(section.links),
            providers=section.providers,
        )

    @classmethod
    def of(cls, journeys: list[type[Journey[Any]]], agents: list[AIAgent], **rest: Any) -> "Project":
        """Put a project together and check it."""
        by_type: dict[str, type[Journey[Any]]] = {}
        newest: dict[str, Definition] = {}
        for journey in journeys:
            definition: Definition = journey.definition
            if by_type.setdefault(definition.workflow_type, journey) is not journey:
                raise DefinitionError(
                    f"journey `{definition.workflow_type}` is declared twice; give the newer one the next version"
                )
            if definition.kind not in newest or newest[definition.kind].version < definition.version:
                newest[definition.kind] = definition
        by_name: dict[str, AIAgent] = {}
        for agent in agents:
            if by_name.setdefault(agent.name, agent) is not agent:
                raise DefinitionError(f"AI agent `{agent.name}` is declared twice; rename one")
        for journey in by_type.values():
            for step in journey.definition.steps.values():
                if step.ai is not None and step.ai not in by_name:
                    raise DefinitionError(
                        f"step `{step.name}` of `{journey.definition.kind}` wants the AI agent `{step.ai}`, not declared; "
                        f"add it to `agents` in [tool.journeyman] (there are {', '.join(by_name) or 'none'})"
                    )
        worked = {
            (step.ai, f"{journey.definition.kind}/{step.name}")
            for journey in by_type.values()
            for step in journey.definition.steps.values()
        }
        for agent in agents:
            for step_id in agent.calibrated:
                if (agent.name, step_id) not in worked:
                    raise DefinitionError(
                        f"AI agent `{agent.name}` is calibrated for `{step_id}`, which is no step of its; "
                        "write a step that it works, as `KIND/STEP`"
                    )
        return cls(journeys=by_type, agents=by_name, newest=newest, **rest)

    @property
    def tools(self) -> list[Tool]:
        """Every tool of every agent, once."""
        return list({tool.name: tool for agent in self.agents.values() for tool in agent.tools}.values())

    def definition(self, kind: str, version: int | None = None) -> Definition:
        """A version of a kind, or its newest. Raises NotFoundError."""
        if version is not None:
            if journey := self.journeys.get(f"{kind}.v{version}"):
                return journey.definition
        elif kind in self.newest:
            return self.newest[kind]
        if version is not None and kind in self.newest:
            there = sorted(each.definition.version for each in self.journeys.values() if each.definition.kind == kind)
            known = ", ".join(f"`{number}`" for number in there)
            raise NotFoundError(f"`{kind}` has no version `{version}`; this project has {known}", field="version")
        known = ", ".join(sorted(self.newest))
        raise NotFoundError(f"there is no journey kind `{kind}`; this project has {known}", field="kind")

    def step(self, kind: str, version: int, name: str) -> Step[Any]:
        """A step of one version of a kind. Raises NotFoundError."""
        definition = self.definition(kind, version)
        if name not in definition.steps:
            raise NotFoundError(
                f"`{kind}` version {version} has no step `{name}`; it has {', '.join(definition.steps)}", field="step"
            )
        return definition.steps[name]

    def mandated(self, kind: str, version: int) -> tuple[str, ...]:
        """The names of the notices that customers of such a journey are given; none where this project does not know it."""
        journey = self.journeys.get(f"{kind}.v{version}")
        return journey.definition.notices if journey else ()

    @property
    def links(self) -> frozenset[str]:
        """Links and numbers that may be given out now: a `$NAME` in one is read from the environment when it is asked for."""
        return frozenset(map(os.path.expandvars, self.listed))

    def notices_due(self, journey: JourneyRow, *, by_ai: bool) -> list[tuple[str, str]]:
        """(`name@version`, text) of what the customer lacks before an AI agent speaks to them in this journey, or a person."""
        mandated = self.mandated(journey.kind, journey.version)
        return [self.notices.text(name, journey.language) for name in due(mandated, journey.notices, by_ai=by_ai)]

    def unserved(self, queues: Collection[str]) -> list[str]:
        """What to mend where a step waits for people in a queue that is not among `queues`; a line each."""
        waits = {
            f"step `{step.name}` of `{journey.definition.kind}` waits in queue `{step.queue}`, which the roster does not have; "
            "add it to the roster's `queues`"
            for journey in self.journeys.values()
            for step in journey.definition.steps.values()
            if step.queue not in queues
        }
        return sorted(waits)

    def bundle(self) -> Bundle:
        """The policies as the files say; what runs is what was published."""
        return Bundle.load(self.policies)

    def base(self) -> Base | None:
        """The knowledge as the files say, where the project has any; what is found is what was published. Raises InputError."""
        return Base.load(self.knowledge) if self.knowledge is not None else None

    @property
    def kinds(self) -> list[str]:
        """The journey kinds, sorted."""
        return sorted(self.newest)


def load_object(name: str, wanted: type[Any]) -> Any:
    """The object that `module:name` names. Raises ConfigurationError if it is missing or of another type."""
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ConfigurationError(
            f"`{name}` is no `module:name`; write it as `workflows.insurance_claim:InsuranceClaim`"
        )
    try:
        found = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"`{name}` cannot be loaded ({error}); check `[tool.journeyman]` and run from the project's folder"
        ) from error
    except AttributeError as error:
        raise ConfigurationError(f"module `{module}` has no `{attribute}`; check `[tool.journeyman]`") from error
    if not isinstance(found, wanted):
        raise ConfigurationError(
            f"`{name}` is a {type(found).__name__}; [tool.journeyman] wants a {wanted.__name__} there"
        )
    return found


def _section(folder: Path) -> _Section:
    path = folder / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"there is no pyproject.toml in `{folder}`; run this in a project's folder, or make one with `journeyman new DIR`"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"`{path}` does not parse: {error}") from error
    section = document.get("tool", {}).get("journeyman")
    if section is None:
        raise ConfigurationError(
            f"`{path}` has no [tool.journeyman]; name its journeys there, or make a project with `journeyman new DIR`"
        )
    try:
        return _Section.model_validate(section)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigurationError(
            f"`{path}`: [tool.journeyman] {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error
