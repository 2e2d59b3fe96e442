"""Publishing by a person: only what is checked, only by whom policy allows, and on the record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from journeyman.agents.agent import AIAgent
from journeyman.errors import DeniedError
from journeyman.governance import Authorizer, Bundle, Resource
from journeyman.governance.cases import CaseResult, load_cases, run
from journeyman.governance.check import TOOLS
from journeyman.governance.schema import mistyped
from journeyman.knowledge.base import Base
from journeyman.ledger.entry import Entry
from journeyman.ledger.log import Recording
from journeyman.publishing import POLICIES, publish_agent, publish_knowledge, publish_policies, sql
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import Permission, permission


@dataclass(frozen=True)
class Examined:
    """A bundle with what its check and its cases found."""

    bundle: Bundle
    problems: tuple[str, ...]
    results: tuple[CaseResult, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        return tuple(result for result in self.results if not result.passed)

    @property
    def checked(self) -> bool:
        """Its check found nothing, it has cases, and all of them passed."""
        return not self.problems and bool(self.results) and not self.failed


def examine(folder: Path) -> Examined:
    """Load, check and test the bundle of a folder. Raises PolicyError when it cannot be loaded."""
    bundle = Bundle.load(folder)
    results = run(Authorizer(bundle), load_cases(folder / "cases"))
    return Examined(bundle, tuple(str(problem) for problem in bundle.check()), tuple(results))


async def publish_bundle(desk: Desk, examined: Examined, person: str, *, auth: str, now: datetime) -> bool:
    """Put a bundle in force; False if it is already. Raises DeniedError: not an author, or not checked.

    The bundle in force decides; where there is none yet, the new one decides about itself.
    """
    async with desk.recording() as tx:
        resource = Resource.bundle(examined.bundle.hash, checked=examined.checked)
        permitted = await _permitted(desk, tx, examined.bundle, person, resource, auth)
        if not await publish_policies(tx, examined.bundle, permitted.actor, now):
            tx.unchanged()
            return False
        tx.record(_decision(permitted, now, {"hash": examined.bundle.hash}))
    return True


async def publish_agents(desk: Desk, agents: Sequence[AIAgent], person: str, *, auth: str, now: datetime) -> list[str]:
    """Put versions of AI agents in force; returns the names of those that were not.

    Raises DeniedError: not an author, or a tool that the policies in force do not know as it is.
    """
    async with desk.recording() as tx:
        typed = (await desk.policies(tx.conn)).bundle.files.get(TOOLS, "")
        published = []
        for agent in agents:
            wrong = mistyped(typed, agent.tools)
            resource = Resource.bundle(agent.hash, kind="agent", checked=not wrong)
            try:
                permitted = await permission(desk, tx.conn, person, "publish_policy", resource, auth=auth)
            except DeniedError as error:
                if not wrong:
                    raise
                told = (
                    f"the policies in force type {', '.join(f'`{name}`' for name in wrong)} of `{agent.name}` otherwise"
                )
                raise DeniedError(f"{error}; {told}: publish the policies first", policies=error.policies) from error
            if await publish_agent(tx, agent, permitted.actor, now):
                tx.record(_decision(permitted, now, {"agent": agent.name, "hash": agent.hash}))
                published.append(agent.name)
        if not published:
            tx.unchanged()
    return published


async def publish_base(
    desk: Desk, base: Base, person: str, *, kinds: Collection[str] = (), auth: str, now: datetime
) -> bool:
    """Put a knowledge base in force; False if it is already. `kinds` are the journey kinds that there are.

    Raises DeniedError: not an author, or something in it is to be mended.
    """
    async with desk.recording() as tx:
        resource = Resource.bundle(base.hash, kind="knowledge", checked=not base.check(kinds))
        permitted = await permission(desk, tx.conn, person, "publish_policy", resource, auth=auth)
        if not await publish_knowledge(tx, base, permitted.actor, now):
            tx.unchanged()
            return False
        tx.record(_decision(permitted, now, {"knowledge": base.hash}))
    return True


async def _permitted(
    desk: Desk, tx: Recording, bundle: Bundle, person: str, resource: Resource, auth: str
) -> Permission:
    if await tx.conn.fetchval(sql["current"], POLICIES) is None:
        first = Authorizer(bundle)

        async def policies(_: Connection, current: str | None = None) -> Authorizer:
            return first

        desk = replace(desk, policies=policies)
    return await permission(desk, tx.conn, person, "publish_policy", resource, auth=auth)


def _decision(permitted: Permission, now: datetime, facts: dict[str, str | bool | int]) -> Entry:
    return permitted.entry("decision.publish_policy", now, facts={"verdict": "allow"} | facts)
