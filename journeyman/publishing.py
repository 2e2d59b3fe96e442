"""What runs is what was published: policies, AI agents and knowledge take effect by a publication that the ledger records."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from journeyman.agents.agent import AIAgent
from journeyman.errors import PolicyError
from journeyman.governance.authorizer import Authorizer
from journeyman.governance.bundle import Bundle
from journeyman.knowledge.base import Base
from journeyman.knowledge.reading import keep
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("publishing")

POLICIES = "policies"
KNOWLEDGE = "knowledge"


class Published:
    """The published bundle, parsed once a hash. One a process."""

    def __init__(self) -> None:
        self._authorizers: dict[str, Authorizer] = {}

    async def authorizer(self, conn: Connection, current: str | None = None) -> Authorizer:
        """The authorizer of the bundle in force: `current`, where the caller has read its hash in this transaction.

        Raises PolicyError when nothing is published: no policy, no decision.
        """
        current = current or await in_force(conn, POLICIES)
        if current is None:
            raise PolicyError("no policies are published, so nothing is permitted; run `journeyman policy publish`")
        return await self.authorizer_of(conn, current)

    async def authorizer_of(self, conn: Connection, bundle: str) -> Authorizer:
        """The authorizer of one bundle, by its hash."""
        if bundle not in self._authorizers:
            files = await conn.fetchval(sql["bundle"], bundle)
            if files is None:
                raise PolicyError(f"the published bundle `{bundle}` is not stored; publish it again")
            parsed = Bundle.from_files(files)
            if parsed.hash != bundle:
                raise PolicyError(
                    f"the stored bundle `{bundle}` hashes to `{parsed.hash}`: it was altered; publish the right one again"
                )
            self._authorizers[bundle] = Authorizer(parsed)
        return self._authorizers[bundle]


async def in_force(conn: Connection, subject: str) -> str | None:
    """The hash of what is in force of a subject, `policies`, `knowledge` or `agent:NAME`; None where nothing is."""
    found: str | None = await conn.fetchval(sql["current"], subject)
    return found


async def all_in_force(conn: Connection) -> dict[str, Mapping[str, Any]]:
    """What is in force, by subject: its `hash`, who it was `published_by`, and `at`."""
    return {row["subject"]: dict(row) for row in await conn.fetch(sql["published"])}


async def put_in_force(
    tx: Recording, bundle: Bundle, agents: Iterable[AIAgent], by: Actor, now: datetime, *, knowledge: Base | None = None
) -> bool:
    """Put a bundle, AI agents and knowledge in force; False if all of it is already, and the transaction then changes nothing."""
    changed = [await publish_policies(tx, bundle, by, now)]
    changed += [await publish_agent(tx, agent, by, now) for agent in agents]
    if knowledge is not None:
        changed.append(await publish_knowledge(tx, knowledge, by, now))
    if not any(changed):
        tx.unchanged()
    return any(changed)


async def publish_policies(tx: Recording, bundle: Bundle, by: Actor, now: datetime) -> bool:
    """Put a bundle in force; False if it already is."""
    await tx.conn.execute(sql["keep_bundle"], bundle.hash, bundle.files, now)
    return await _put_in_force(tx, POLICIES, bundle.hash, by, now)


async def publish_agent(tx: Recording, agent: AIAgent, by: Actor, now: datetime) -> bool:
    """Put a version of an AI agent in force; False if it already is."""
    await tx.conn.execute(sql["keep_agent"], agent.name, agent.hash, agent.spec(), now)
    return await _put_in_force(tx, f"agent:{agent.name}", agent.hash, by, now)


async def publish_knowledge(tx: Recording, base: Base, by: Actor, now: datetime) -> bool:
    """Put a knowledge base in force; False if it already is. Those before it stay readable by their citations."""
    await keep(tx.conn, base, now)
    return await _put_in_force(tx, KNOWLEDGE, base.hash, by, now)


async def _put_in_force(tx: Recording, subject: str, hash: str, by: Actor, now: datetime) -> bool:
    if await in_force(tx.conn, subject) == hash:
        return False
    await tx.conn.execute(sql["publish"], subject, hash, by.id, now)
    tx.record(Entry(type="published", at=now, actor=by, refs={"subject": subject}, facts={"hash": hash}))
    return True
