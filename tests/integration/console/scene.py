"""A world in which every write of the API can be carried out: for each there is what it is done to, and who may do it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from journeyman.console import identity
from journeyman.console.app import build
from journeyman.console.bucket import Buckets
from journeyman.console.identity import SCOPES
from journeyman.console.limits import Limits
from journeyman.knowledge import Base
from journeyman.publishing import publish_knowledge
from journeyman.tasks import callbacks, consulting, moving, stops, working
from tests.integration.console.audited import Audited
from tests.integration.console.chatting import begun
from tests.integration.console.site import PROJECT, Site
from tests.integration.copilot.assisted import ASSESSOR, Assisted
from tests.integration.tasks.world import AUTHORIZER, CLI, Settlement

PUT_BACK: Final = (
    "task",
    "task_comment",
    "handoff",
    "callback",
    "journey",
    "message",
    "outbox",
    "person",
    "tool_call",
    "stop_flag",
    "request",
)
"""The tables that are put back after a write: what it was done to is there for the next one."""

HELD: Final = "POST /tasks/{task}"
NOTHING: Final = {"type": "null"}
_DRAFT: Final = {"amount_minor": 1, "outcome": "paid"}


class Scene:
    """Ana, who holds a task for everything that is done with one; Sue, who supervises; Eve, who audits; and a customer who chats.

    `tokens` are theirs. `places` are what paths and queries name, `fields` the schemas of what bodies name: of all operations,
    or of the one whose name stands before it (`POST /tasks/{task}/claim`).
    """

    def __init__(self, audited: Audited, assisted: Assisted) -> None:
        self.audited, self.assisted = audited, assisted
        self.site: Site = audited.site
        self.world = audited.world
        self.tokens: dict[str, str] = {}
        self.places: dict[str, dict[str, str]] = {}
        self.fields: dict[str, dict[str, Any]] = {}

    async def begin(self) -> None:
        """Everything there, and kept as it is."""
        site = self.site
        mandates = next(each for each in PROJECT.journeys.values() if "recording" in each.definition.notices)
        project = replace(
            PROJECT,
            agents={**PROJECT.agents, "assessor": ASSESSOR},
            journeys={**PROJECT.journeys, "motor.v1": mandates},
        )
        site.console = replace(site.console, project=project, endpoint=lambda: self.assisted.endpoint)
        site.app = build(site.console)
        unlimited = Buckets(10**6, timedelta(seconds=1))
        site.app.state.limits = Limits(unlimited, unlimited, unlimited, unlimited)
        await self.world.execute("update person set capacity = 900")
        for person in ("ana", "sue", "eve"):
            _, self.tokens[person] = await identity.make_token(
                self.world.desk, person, "a test", SCOPES, by=CLI, now=site.now
            )
        await self._held()
        await self._waiting()
        await self._journeys()
        async with self.audited.owner.transaction() as conn:
            await conn.execute("create schema kept")
            for table in PUT_BACK:
                await conn.execute(f"create table kept.{table} as table {table}")

    async def put_back(self) -> None:
        """All as it was, but for the ledger."""
        statements = [
            f"delete from {table}; insert into {table} overriding system value table kept.{table}" for table in PUT_BACK
        ]
        async with self.audited.owner.transaction() as conn:  # a superuser's: foreign keys and triggers are off
            await conn.execute(f"set local session_replication_role = replica; {'; '.join(statements)}")

    async def _held(self) -> None:
        """What Ana works on, and what the copilot wrote for her."""
        world = self.world
        task = await world.claimed()
        await world.says(task.journey_id, "My car has a dent in the left door.")
        suggestion = await self.assisted.suggested(task)
        self.places[""] = {
            "task": task.id,
            "journey": task.journey_id,
            "customer": task.customer_id,
            "person": "bea",
            "queue": "claims",
            "agent": "teller",
            "notice": "recording",
            "suggestion": suggestion.id,
            "bundle": AUTHORIZER.bundle.hash,
        }
        output = Settlement.model_json_schema()
        self.fields |= {f"{HELD}/{deed}": {"suggestion": NOTHING} for deed in ("comments", "messages", "accept")}
        self.fields |= {
            f"{HELD}/complete": {"output": output, "suggestion": NOTHING},
            f"{HELD}/edit": {"output": output, "suggestion": NOTHING},
            f"{HELD}/dispose": {"disposition": {"enum": ["unreachable"]}, "suggestion": NOTHING},
            f"{HELD}/consult": {"to": {"enum": ["bea", "sue"]}, "suggestion": NOTHING},
            f"{HELD}/transfer": {"to_queue": {"enum": ["billing", "experts"]}, "to_person": NOTHING},
        }
        for deed in ("accept", "edit", "reject"):
            self._named(f"{HELD}/{deed}", task=(await world.claimed(kind="review", draft=_DRAFT)).id)
        self._named(f"{HELD}/answer", task=(await world.claimed(kind="question", draft={"question": "Which?"})).id)
        for deed in ("approve", "deny"):
            journey = await world.journey()
            call = await world.tool_call(journey, id=f"tc-{deed}", args_hash="a" * 64)
            bound = await world.claimed(kind="approval", journey_id=journey, draft=_DRAFT, tool_call=call)
            self._named(f"{HELD}/{deed}", task=bound.id)
            async with self.site.program("ana", "tasks:read") as ana:
                shown = (await ana.get(f"/api/v1/tasks/{bound.id}")).json()
            self.fields[f"{HELD}/{deed}"] = {"args_hash": {"const": shown["args_hash"]}}

    async def _waiting(self) -> None:
        """What waits for Ana, for a colleague of hers, or for a moment."""
        world, desk, now = self.world, self.world.desk, self.site.now
        self._named(f"{HELD}/claim", task=(await world.task()).id)
        for deed in ("accept-offer", "decline-offer"):
            offered = (await world.claimed("bea")).id
            await moving.transfer(
                desk, offered, "bea", reason="knows more", to_person="ana", warm=True, now=now, auth="token"
            )
            self._named(f"{HELD}/{deed}", task=offered)
        paused = (await world.claimed()).id
        until = now + timedelta(days=1)
        await working.suspend(desk, paused, "ana", reason="wait", until=until, now=now, auth="token")
        self._named(f"{HELD}/resume", task=paused)
        asked = (await world.claimed()).id
        await consulting.consult(desk, asked, "ana", to="bea", text="Which form?", now=now, auth="token")
        self._named("DELETE /tasks/{task}/consult/{person}", task=asked)
        slots = await callbacks.slots(desk, "ana", "claims", now=now, limit=6)
        agreed = (await world.claimed()).id
        await callbacks.schedule(desk, agreed, "ana", slots[0], now=now, auth="token")
        moments = {"enum": [slot.isoformat() for slot in slots[1:]]}
        self.fields[f"{HELD}/suspend"] = {"until": moments}
        for deed in ("POST", "PUT"):
            self.fields[f"{deed} /callbacks/{{task}}"] = {"slot": moments}
        for deed in ("PUT", "DELETE"):
            self._named(f"{deed} /callbacks/{{task}}", task=agreed)

    async def _journeys(self) -> None:
        """One that is audited, one whose AI is stopped, one of a customer who chats; a stopped agent, and what is known."""
        site, desk = self.site, self.world.desk
        stopped = await self.world.journey()
        for scope in (f"journey:{stopped}", "agent:assessor"):
            await stops.stop(desk, scope, reason="odd", person="sue", now=site.now, auth="token")
        self._named("POST /journeys/{journey}/resume", journey=stopped)
        self._named("POST /agents/{agent}/resume", agent="assessor")
        base = PROJECT.base()
        assert isinstance(base, Base)
        async with desk.recording() as tx:
            await publish_knowledge(tx, base, CLI, site.now)
        async with site.program("ana", "knowledge:read") as ana:
            found = (await ana.get("/api/v1/knowledge", params={"q": "fraud report"})).json()["items"]
        self._named("GET /knowledge/opened", citation=found[0]["citation"])
        self._named("GET /policies/{bundle}/changes", since=AUTHORIZER.bundle.hash)
        audited = self.audited.task.journey_id
        entry = str(await self.audited.entry("task.claimed"))
        for rest in ("", "/entries/{entry}", "/entries/{entry}/proof"):
            self._named(f"GET /traces/{{journey}}{rest}", journey=audited, entry=entry)
        for deed in ("verify", "export"):
            self._named(f"POST /traces/{{journey}}/{deed}", journey=audited)
        self.tokens["customer"] = await begun(site)
        async with site.client(headers={"Authorization": f"Bearer {self.tokens['customer']}"}) as own:
            said = (await own.post("/api/v1/chat/messages", json={"id": "m", "text": "hello"})).json()
        for rest in ("messages", "events"):
            self._named(f"GET /chat/journeys/{{journey}}/{rest}", journey=said["journey"])
        kind, zones = {"const": "bank-service"}, {"enum": ["UTC", "Europe/Berlin"]}
        begins = {"kind": kind, "time_zone": zones}
        customer = self.places[""]["customer"]
        case = {"kind": kind, "linked_from": NOTHING, "reopens": NOTHING}
        self.fields |= {
            "POST /chat": begins,
            "POST /chat/tokens": begins,
            "POST /journeys": case | {"customer": {"const": customer}, "address": NOTHING},
            "POST /customers/{customer}/journeys": case,
        }

    def _named(self, operation: str, **places: str) -> None:
        self.places[operation] = places
