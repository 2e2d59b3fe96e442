"""What would like to run, in every field that a customer, a model or a person can write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue

from journeyman.console import identity
from journeyman.conversation import transcript
from journeyman.conversation.transcript import NewMessage
from journeyman.customers import identifiers, journeys, record
from journeyman.governance import Bundle
from journeyman.knowledge import Base
from journeyman.knowledge.citation import Citation
from journeyman.ledger.entry import Actor, Entry
from journeyman.publishing import publish_knowledge, publish_policies
from journeyman.tasks import cases, closing, drafts, macros, moving, roster, speaking, staffing, stops, working
from journeyman.tasks.callbacks import schedule, slots
from journeyman.tasks.models import Packet, Task
from tests.acceptance.browser.served import TESTS, Served

RUN: Final = "window.ran=1"
CANARY: Final = "canary.invalid"
SHORT: Final = f'"><svg onload={RUN}>'
"""For fields that hold little."""
LONG: Final = "".join(
    (
        f"</textarea></title></script><script>{RUN}</script>",
        f"<img src=//{CANARY}/i onerror={RUN}>",
        f'"><svg onload={RUN}>',
        f"'-({RUN})-'",
        f"[a](javascript:{RUN}) <a href=javascript:{RUN}>a</a>",
        "{{7*7}} ${7*7} {% raw %}",
        f"<style>@import '//{CANARY}/s';*{{display:none}}</style>",
        "<b data-hostile hx-get=/ hx-trigger=load>b</b>",
        "\n\nevent: reset\ndata: {}\n\n",
        "\u202egnp.exe\u202c",
    )
)


@dataclass
class Planted:
    """What was planted, by what it stands in: pages have to show it as it was typed."""

    texts: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    tasks: list[str] = field(default_factory=list)

    def long(self, field: str) -> str:
        """To be written into a field, which it names."""
        self.texts[field] = f"[{field}] {LONG}"
        return self.texts[field]

    def short(self, field: str) -> str:
        """The same, in few characters."""
        self.texts[field] = f"[{field}] {SHORT}"
        return self.texts[field]


async def plant(served: Served, planted: Planted, journey: str) -> None:
    """Into everything that belongs to a customer's journey, and to the people who work on it."""
    await _rules(served, planted)
    await _customer(served, planted, journey)
    await _tasks(served, planted, journey)
    await _words(served, planted, journey)
    planted.ids |= {
        "journey": journey,
        "task": planted.tasks[0],
        "agent": "teller",
        "person": "bea",
        "queue": "hostile",
    }
    planted.ids |= {"q": "xylophones", "suggestion": "sug-none", "form": "note", "kind": "insurance-claim"}
    async with served.desk.database.connection() as conn:
        planted.ids["entry"] = str(await conn.fetchval("select max(id) from entry where journey_id = $1", journey))


async def _rules(served: Served, planted: Planted) -> None:
    """What people write for all: the roster, policies, knowledge, macros, tokens."""
    desk, now = served.desk, datetime.now(UTC)
    hours: Mapping[str, Any] = {day: [["00:00", "00:01"]] for day in ("mon",)}
    document = {
        "calendars": {"never": {"time_zone": "UTC", "hours": hours, "emergency": planted.short("emergency")}},
        "teams": ["bank-care", "audit"],
        "people": {
            "mallory": {"name": planted.short("person"), "teams": ["bank-care"], "capacity": 9, "skills": [SHORT]},
            "bea": {"name": planted.short("me"), "teams": ["bank-care"], "capacity": 50},
        },
        "queues": {
            "hostile": {"title": planted.short("queue"), "teams": ["bank-care"]},
            "never": {"title": "Never", "teams": ["bank-care"], "calendar": "never"},
        },
    }
    await roster.apply(desk, document, TESTS, now)
    for person in ("bea", "sofia", "mallory"):
        await staffing.set_presence(desk, person, "online", by=person, now=now, auth="picker")
    before = Bundle.load(served.console.project.policies)
    odd = f'// {planted.short("intent")}\n@id("hostile")\n@serves({_quoted(planted.short("serves"))})\n'
    odd += 'permit (principal is Person, action == Action::"find", resource)\nwhen { false };\n'
    after = Bundle.from_files({**before.files, "hostile.cedar": odd})
    text = f"# {planted.short('heading')}\n\nAbout xylophones. {planted.long('knowledge')}\n"
    async with desk.recording() as tx:
        await publish_policies(tx, after, TESTS, now)
        base = Base({"hostile.md": text})
        await publish_knowledge(tx, base, TESTS, now)
    [section] = base.articles[0].sections
    planted.ids |= {"bundle": after.hash, "since": before.hash}
    planted.ids["citation"] = str(Citation.of("hostile.md", section.anchor, base.hash))
    who: dict[str, Any] = {"now": now, "auth": "picker"}
    await macros.add(desk, "bea", name=planted.short("macro"), text=planted.long("macro text"), **who)
    await identity.make_token(desk, "bea", SHORT, frozenset({"tasks:read"}), by=TESTS, now=now)


async def _customer(served: Served, planted: Planted, journey: str) -> None:
    desk, now = served.desk, datetime.now(UTC)
    async with desk.recording() as tx:
        row = await journeys.read(tx.conn, journey)
        number = planted.short("number")
        await identifiers.identify(tx, row.customer_id, "account", number, by=TESTS, now=now)
        address = planted.short("address")
        await record.add_address(tx, row.customer_id, channel="email", address=address, by=TESTS, now=now)
        await identifiers.identify(tx, row.customer_id, identifiers.NAME, planted.short("name"), by=TESTS, now=now)
        for author, audience, kind in (
            (Actor(kind="ai", id="teller"), "customer", "text"),
            (Actor(kind="ai", id="teller"), "internal", "question"),
            (Actor(kind="system", id="journeyman"), "customer", "notice"),
            (Actor(kind="customer", id=row.customer_id), "customer", "text"),
        ):
            text = planted.long(f"{author.kind} {kind}")
            new = NewMessage.model_validate({"author": author, "text": text, "audience": audience, "kind": kind})
            await transcript.write(tx, row, new, now=now)
        result = {
            "result": planted.long("tool result"),
            "args": {planted.short("argument name"): planted.long("argument")},
        }
        tool = Entry(
            type="tool.done",
            at=now,
            actor=Actor(kind="ai", id="teller"),
            journey=journey,
            subject=row.customer_id,
            facts={"tool": SHORT},
            values=result,
        )
        tx.record(tool)
    planted.ids["customer"] = row.customer_id


async def _tasks(served: Served, planted: Planted, journey: str) -> None:
    """One of each kind, that bea has in hand; and what she did with others."""
    desk, now = served.desk, datetime.now(UTC)
    who: dict[str, Any] = {"now": now, "auth": "picker"}

    async def held(**fields: Any) -> Task:
        task = await served.task(journey=journey, **fields)
        planted.tasks.append(task.id)
        return await working.claim(desk, task.id, "bea", **who)

    packet = Packet(
        reason=planted.long("handoff reason"),
        summary=planted.long("handoff summary"),
        tried=(planted.long("tried"),),
        open=(planted.long("still open"),),
        promises=(planted.long("promise"),),
    )
    work = await held(
        queue="hostile",
        title=planted.short("title"),
        instructions=planted.long("instructions"),
        input={"wish": planted.long("input"), planted.short("input name"): [planted.long("input item")]},
        packet=packet,
        dispositions={"odd": planted.short("disposition")},
    )
    for form in ("say", "note"):
        await drafts.keep(desk, work.id, "bea", form, [("text", planted.long(f"typed {form}"))], now=now)
    await drafts.keep(desk, work.id, "bea", "escalate", [("reason", planted.long("typed reason"))], now=now)
    await drafts.keep(desk, work.id, "bea", "work", [("output.balance_minor", planted.short("typed work"))], now=now)
    await working.comment(desk, work.id, "bea", planted.long("note"), **who)
    await speaking.say(desk, work.id, "bea", planted.long("reply"), **who)
    fraud: dict[str, JsonValue] = {
        "reference": planted.short("draft name"),
        "text": planted.long("draft"),
        "amount_minor": 5,
    }
    await held(kind="review", step="report-fraud", draft=fraud)
    await held(kind="review", draft=planted.long("draft message"), draft_kind="message")
    await held(kind="question", draft={"question": planted.long("question")})
    await held(kind="callback")
    async with desk.database.connection() as conn:
        await conn.execute(
            "insert into tool_call (id, journey_id, step, agent, tool, mode, args, args_hash, status, created_at)"
            " values ('tc-1', $1, 'inform-balance', 'teller', 'pay', 'at_most_once', '', $2, 'proposed', $3)",
            journey,
            "a" * 64,
            now,
        )
    args = {"iban": planted.long("call"), planted.short("call name"): 5}
    await held(kind="approval", draft={"tool": planted.short("tool"), "args": args}, tool_call="tc-1")
    edited = await held(kind="review", step="report-fraud", draft=fraud | {"text": planted.long("draft before")})
    await closing.edit(desk, edited.id, "bea", fraud | {"text": planted.long("result")}, **who)
    disposed = await held(dispositions={"odd": planted.short("odd end")})
    await closing.dispose(desk, disposed.id, "bea", "odd", comment=planted.long("closing note"), **who)
    given = planted.long("transfer reason")
    await moving.transfer(desk, (await held()).id, "bea", reason=given, to_queue="fraud-desk", **who)
    given = planted.long("warm transfer")
    await moving.transfer(desk, (await held()).id, "bea", reason=given, to_person="mallory", warm=True, **who)
    await moving.escalate(desk, (await held()).id, "bea", reason=planted.long("escalation"), **who)
    await working.release(desk, (await held()).id, "bea", comment=planted.long("release"), **who)
    later = now + timedelta(hours=1)
    await working.suspend(desk, (await held()).id, "bea", until=later, reason=planted.long("hold"), **who)
    await closing.fail(desk, (await held()).id, "bea", comment=planted.long("why not"), **who)
    await closing.hand_back(desk, (await held()).id, "bea", reason=planted.long("back to AI"), **who)
    called = await held(queue="hostile")
    await schedule(desk, called.id, "bea", (await slots(desk, "bea", "hostile", now=now, limit=1))[0], **who)
    await served.task(queue="never", journey=journey)


async def _words(served: Served, planted: Planted, journey: str) -> None:
    """What supervisors write."""
    desk, now = served.desk, datetime.now(UTC)
    who: dict[str, Any] = {"now": now, "auth": "picker"}
    await speaking.whisper(desk, journey, "sofia", planted.long("whisper"), **who)
    other = (await served.says("another", "I would like to talk to a person.")).journey
    await stops.stop(desk, f"journey:{other}", reason=planted.long("stop of a journey"), person="sofia", **who)
    await stops.stop(desk, "agent:assessor", reason=planted.long("stop of an agent"), person="sofia", **who)
    definition = served.console.project.definition("insurance-claim")
    input: dict[str, Any] = {"report": {"policy_number": SHORT, "what_happened": SHORT}}
    opened = await cases.open_case(
        desk, definition, person="sofia", channel="chat", address="third", input=input, **who
    )
    await cases.cancel(desk, opened.id, "customer_request", comment=SHORT, person="sofia", **who)


def _quoted(text: str) -> str:
    """As Cedar writes a string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
