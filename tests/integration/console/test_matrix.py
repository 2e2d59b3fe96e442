"""Route × person: what each may, made from the OpenAPI document. A route that nobody has thought about fails here."""

from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from journeyman.console.app import build
from journeyman.governance import Authorizer, Bundle
from journeyman.identifiers import new_id
from journeyman.knowledge import Base, Citation
from journeyman.publishing import publish_knowledge, put_in_force
from journeyman.store.database import Connection
from journeyman.tasks import callbacks, consulting
from journeyman.tasks.operation import Change
from tests.integration.console.chatting import chatting
from tests.integration.console.site import Site
from tests.integration.tasks.world import AUTHORIZER, CLI, NOW, World

PEOPLE = ("holder", "member", "outsider", "supervisor", "auditor", "author")
"""`holder` has the task, `member` is of its team; the others are of another team."""

INSIDE = frozenset({"holder", "member", "supervisor"})

ROWS = {
    "holder": ("ana", "{claims}", "{agent}"),
    "member": ("bea", "{claims}", "{agent}"),
    "outsider": ("out", "{billing}", "{agent}"),
    "supervisor": ("vic", "{billing}", "{agent,supervisor}"),
    "auditor": ("aud", "{}", "{auditor}"),
    "author": ("aut", "{}", "{author}"),
}

MAY: dict[tuple[str, str], frozenset[str]] = {
    ("view", "Task"): frozenset({"holder", "member", "supervisor", "auditor"}),
    ("claim", "Task"): frozenset({"holder", "member"}),
    ("complete", "Task"): frozenset({"holder"}),
    ("approve", "Task"): frozenset({"holder"}),
    ("hand_back", "Task"): frozenset({"holder"}),
    ("transfer", "Task"): frozenset({"holder", "member", "supervisor"}),
    ("comment", "Task"): frozenset({"holder", "member", "supervisor"}),
    ("consult", "Task"): frozenset({"holder"}),
    ("say", "Task"): frozenset({"holder", "supervisor"}),
    ("override", "Task"): frozenset({"supervisor"}),
    ("view", "Bundle"): frozenset(PEOPLE),
    ("export", "Journey"): frozenset({"auditor"}),
    ("view", "Person"): frozenset({"holder", "member", "supervisor", "auditor"}),
    ("attend", "Person"): frozenset({"holder", "supervisor"}),
    ("manage", "Person"): frozenset({"supervisor"}),
    ("converse", "Journey"): frozenset(),
    ("converse", "JourneyKind"): frozenset(PEOPLE),
    ("view", "Queue"): frozenset({"holder", "member", "supervisor", "auditor"}),
    ("schedule", "Task"): frozenset({"holder", "supervisor"}),
    ("view", "Journey"): frozenset({"holder", "member", "supervisor", "auditor"}),
    ("say", "Journey"): frozenset({"supervisor"}),
    ("override", "Journey"): frozenset({"supervisor"}),
    ("stop", "Journey"): frozenset({"holder", "member", "supervisor"}),
    ("resume", "Journey"): frozenset({"supervisor"}),
    ("view", "JourneyKind"): frozenset(PEOPLE),
    ("find", "Deployment"): frozenset({"holder", "member", "outsider", "supervisor", "auditor"}),
    ("view", "Customer"): frozenset({"holder", "member", "outsider", "supervisor", "auditor"}),
    ("open_case", "Customer"): frozenset({"holder", "member", "outsider", "supervisor"}),
    ("stop", "AIAgent"): frozenset({"supervisor"}),
    ("resume", "AIAgent"): frozenset({"supervisor"}),
    ("stop", "Deployment"): frozenset({"supervisor"}),
    ("resume", "Deployment"): frozenset({"supervisor"}),
}
"""Who may: of every question that a route says it asks. What is not here fails."""

_TASKS = MAY["view", "Task"]
SHOWN: dict[str, tuple[str, frozenset[str]]] = {
    "/tasks": ("task", _TASKS),
    "/tasks/mine": ("task", frozenset({"holder"})),
    "/tasks/waiting": ("task", MAY["claim", "Task"]),
    "/tasks/next": ('{"task":', MAY["claim", "Task"]),
    "/tasks/asked": ("task", frozenset({"member"})),
    "/tasks/{task}/advisers": ('"bea"', frozenset({"holder"})),
    "/callbacks": ("task", _TASKS),
    "/journeys": ("journey", MAY["view", "Journey"]),
    "/journeys/kinds": ('"motor"', frozenset(PEOPLE)),
    "/people": ("person", MAY["view", "Person"]),
    "/queues": ("queue", MAY["view", "Queue"]),
    "/agents": ("agent", frozenset(PEOPLE)),
    "/traces": ("journey", MAY["view", "Journey"]),
    "/traces/mine": ('"line":', frozenset(PEOPLE)),
    "/policies": ("bundle", frozenset(PEOPLE)),
    "/events": ("nothing without a feed: see test_streams", frozenset()),
}
"""What a list shows, by its name in `ids` or as it is written, and to whom. It shows it to nobody else."""

KIND = {
    "accept": "review",
    "edit": "review",
    "reject": "review",
    "approve": "approval",
    "deny": "approval",
    "answer": "question",
}
"""The kind of task that a deed is for, where it is for one alone."""

BODIES: dict[str, dict[str, Any]] = {
    "transfer": {"reason": "word", "to_queue": "billing"},
    "capacity": {"capacity": 100},
    "journeys": {"kind": "bank-service", "customer": "{customer}"},
    "chat": {"kind": "bank-service"},
    "tokens": {"kind": "bank-service", "address": "member-7"},
    "{customer}/journeys": {"kind": "bank-service"},
}
"""Where what is required is not enough, by the end of the path; with the names that `ids` gives."""


@dataclass(frozen=True)
class Route:
    """One operation of the document."""

    method: str
    path: str
    asks: dict[str, Any]
    body: dict[str, Any] | None
    params: tuple[str, ...]

    @property
    def by(self) -> str:
        """Who asks: a person, a program in a person's name, a customer, or anyone, who becomes one."""
        return str(self.asks.get("by", "person"))

    @property
    def deed(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def end(self) -> str:
        return "/".join(self.path.split("/")[-2:])


def routes(document: dict[str, Any]) -> list[Route]:
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            needed = [
                each["name"]
                for each in operation.get("parameters", ())
                if each["in"] == "query" and each.get("required")
            ]
            body = None if schema is None else example(schema, document)
            found.append(Route(method.upper(), path, operation.get("x-asks", {}), body, tuple(needed)))
    return found


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """The smallest value that fits: what is required, and nothing else."""
    if "$ref" in schema:
        return example(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], document)
    match schema.get("type"):
        case "object":
            return {name: example(schema["properties"][name], document) for name in schema.get("required", ())}
        case "array":
            return []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            if schema.get("format") == "date-time":
                return "2030-01-01T00:00:00Z"
            return "a" * 64 if "{64}" in schema.get("pattern", "") else "word"
    return {"amount_minor": 1, "outcome": "paid"}


KNOWN = Base({"bank/limits.md": "# Limits\n\nThe limit is 500 euro.\n"})
PARAMS = {"citation": str(Citation.of("bank/limits.md", "limits", KNOWN.hash)), "since": AUTHORIZER.bundle.hash}
"""What queries need, where any word is not enough."""

REFUSING = Bundle.from_files(
    {name: text for name, text in AUTHORIZER.bundle.files.items() if not name.endswith(".cedar")}
    | {
        "nothing.cedar": '// Nobody does anything.\n@id("nothing")\n@serves("a test")\nforbid (principal, action, resource);\n'
    }
)


async def staff(world: World) -> None:
    for id, teams, roles in ROWS.values():
        await world.execute(
            "insert into person (id, name, teams, roles, presence, capacity)"
            " values ($1, $1, $2::text::text[], $3::text::text[], 'online', 999)"
            " on conflict (id) do update set teams = excluded.teams, roles = excluded.roles, capacity = 999",
            id,
            teams,
            roles,
        )


async def ids(world: World, route: Route) -> dict[str, str]:
    """What the path names: a task of the team, held where the deed is for who holds it; who that is; the queue."""
    kind: Any = KIND.get(route.deed, "work")
    held = route.asks["action"] not in ("claim",)
    fields: dict[str, Any] = {"kind": kind}
    if kind != "work":
        fields["draft"] = {"amount_minor": 1, "outcome": "paid"}
    if kind == "approval":
        journey = await world.journey()
        fields |= {
            "journey_id": journey,
            "tool_call": await world.tool_call(journey, id=new_id("tc"), args_hash="a" * 64),
        }
    task = await world.claimed(**fields) if held else await world.task(**fields)
    change: Change = {"now": NOW, "auth": "token"}
    if route.path.endswith("/asked"):
        await consulting.consult(world.desk, task.id, "ana", to="bea", text="Which form?", **change)
    if route.path.endswith("/callbacks"):
        (slot,) = await callbacks.slots(world.desk, "ana", task.queue, now=NOW, limit=1)
        await callbacks.schedule(world.desk, task.id, "ana", slot, **change)
    return {
        "task": task.id,
        "person": ROWS["holder"][0],
        "queue": task.queue,
        "journey": task.journey_id,
        "customer": task.customer_id,
        "agent": "teller",
        "entry": str(await world.value("select max(id) from entry where journey_id = $1", task.journey_id)),
        "bundle": AUTHORIZER.bundle.hash,
        "suggestion": "sug-none",
        "notice": "recording",
    }


async def ask(
    client: httpx2.AsyncClient, route: Route, named: dict[str, str], headers: dict[str, str] | None = None
) -> httpx2.Response:
    params = {name: PARAMS.get(name, "word") for name in route.params}
    body = next((BODIES[end] for end in (route.end, route.deed) if end in BODIES), route.body)
    if isinstance(body, dict):
        body = {name: value.format(**named) if isinstance(value, str) else value for name, value in body.items()}
    return await client.request(route.method, route.path.format(**named), json=body, params=params, headers=headers)


NAMED = (
    "task",
    "journey",
    "person",
    "queue",
    "customer",
    "bundle",
    "token",
    "callback",
    "agent",
    "kind",
    "entry",
    "policy",
    "suggestion",
    "notice",
)
"""What paths name."""


def test_every_route_says_what_it_asks_and_somebody_has_thought_about_who_may(site: Site) -> None:
    found = routes(site.app.openapi())
    assert len(found) > 20
    for route in found:
        assert route.asks, f"{route.method} {route.path} asks nothing: declare it with `**asks(ACTION, RESOURCE)`"
        assert (route.asks["action"], route.asks["resource"]) in MAY, f"{route.path}: say in MAY who may"


async def test_nobody_who_is_not_signed_in_gets_anything(site: Site) -> None:
    async with site.client() as client:
        for route in routes(site.app.openapi()):
            answer = await ask(
                client,
                route,
                dict.fromkeys(NAMED, "x"),
            )
            if route.by != "anyone":
                assert answer.status_code == 401, route


@pytest.mark.parametrize("person", PEOPLE)
async def test_each_may_what_policy_says_and_no_more(site: Site, person: str) -> None:
    """Refused is 403; those who see the task anyway may hear instead that it is another's. Whoever may hears at worst that things
    do not stand so; what they may read they get, and lists show what they are to show."""
    refusals = {403, 409} if person in INSIDE else {403}
    world = site.world
    await staff(world)
    async with world.desk.recording() as tx:
        await put_in_force(tx, AUTHORIZER.bundle, (), CLI, NOW)
        await publish_knowledge(tx, KNOWN, CLI, NOW)
    async with site.signed_in(ROWS[person][0]) as client:
        for route in routes(site.app.openapi()):
            named = await ids(world, route)
            may = person in MAY[route.asks["action"], route.asks["resource"]]
            answer = await ask(client, route, named)
            assert answer.status_code < 500, (route, answer.text)
            if route.by == "customer":  # whoever is signed in as a person is no customer
                assert answer.status_code == 401, (route, answer.text)
            elif route.by == "program":  # that with a person's token, and no person
                assert answer.status_code == 403, (route, answer.text)
            elif route.asks["narrows"]:
                assert answer.status_code in (200, 204), (route, answer.text)
                thing, whose = SHOWN[route.path.removeprefix("/api/v1")]
                assert (named.get(thing, thing) in answer.text) == (person in whose), (route, answer.text)
                if not may:
                    assert named["task"] not in answer.text, route
            elif may:
                assert answer.status_code != 403, (route, answer.text)
                assert route.method != "GET" or answer.status_code == 200, (route, answer.text)
            else:
                assert answer.status_code in refusals, (route, answer.status_code, answer.text)


async def test_where_policy_forbids_everything_nobody_does_or_sees_anything(site: Site) -> None:
    """Every route asks, also where the shipped policies let everyone. Those who saw the task may hear that it is another's."""
    world, made = site.world, dict[object, dict[str, str]]()
    await staff(world)
    authorizer = Authorizer(REFUSING)

    async def policies(conn: Connection, current: str | None = None) -> Authorizer:
        return authorizer

    refusing = Site(world)
    refusing.console = replace(site.console, desk=replace(world.desk, policies=policies))
    refusing.app = build(refusing.console)
    found = routes(site.app.openapi())
    for person in ("holder", "supervisor", "auditor"):
        refusals = {403, 409} if person in INSIDE else {403}
        async with refusing.signed_in(ROWS[person][0]) as client:
            for route in found:
                if route.by != "person":
                    continue
                kind = (KIND.get(route.deed), route.asks["action"] == "claim")
                named = made[kind] = made.get(kind) or await ids(world, route)
                answer = await ask(client, route, named)
                if route.asks["narrows"] and answer.status_code != 403:
                    assert answer.status_code in (200, 204), (route, answer.text)
                    assert not (answer.content and answer.json()["items"]), (route, answer.text)
                else:
                    assert answer.status_code in refusals, (route, answer.status_code, answer.text)
    async with chatting(site) as own, refusing.client(headers=own.headers) as customer:
        said = await own.post("/api/v1/chat/messages", json={"id": "m", "text": "hello"})
        named = dict.fromkeys(NAMED, "x") | {"journey": said.json()["journey"]}
        for route in found:
            if route.by in ("customer", "anyone"):
                assert (await ask(customer, route, named)).status_code == 403, route
    async with refusing.program("ana", "chat:write") as program:
        for route in found:
            if route.by == "program":
                assert (await ask(program, route, named)).status_code == 403, route


async def test_customers_reach_their_own_conversation_and_nothing_else(site: Site) -> None:
    """Every route, by a customer whose the journey is, and by another one."""
    async with chatting(site) as own, chatting(site) as other:
        answer = await own.post("/api/v1/chat/messages", json={"id": "m", "text": "hello"})
        named = dict.fromkeys(NAMED, "x") | {"journey": answer.json()["journey"]}
        assert (await other.post("/api/v1/chat/messages", json={"id": "m", "text": "hello"})).status_code == 200
        for route in routes(site.app.openapi()):
            for client in (own, other):
                if route.deed == "leave":
                    continue  # it ends the session: see test_chat
                answer = await ask(client, route, named)
                assert answer.status_code < 500, (route, answer.text)
                if route.by in ("person", "program"):
                    assert answer.status_code == 401, (route, answer.text)
                elif client is other and "{journey}" in route.path:
                    assert answer.status_code == 404, (route, answer.text)
                else:
                    assert answer.status_code in (200, 201, 204, 404, 422), (route, answer.text)
                    assert answer.status_code not in (401, 403), (route, answer.text)


KEYLESS = {
    "/chat/messages",  # its body has an `id`
    "/chat/person",
    "/chat/leave",  # a session ends once
    "/customers/find",  # it reads
    "/traces/{journey}/verify",
    "/tasks/{task}/suggestions",  # it has no effect until its text is used
}
"""The writes that need no `Idempotency-Key`, as docs/api.md says."""


def test_every_write_takes_an_idempotency_key_or_needs_none(site: Site) -> None:
    found, document = set(), site.app.openapi()
    for route in routes(document):
        operation = document["paths"][route.path][route.method.lower()]
        if route.method != "GET" and "idempotency-key" not in [
            each["name"] for each in operation.get("parameters", ())
        ]:
            found.add(route.path.removeprefix("/api/v1"))
    assert found == KEYLESS
    assert all(path in document["info"]["description"] for path in KEYLESS)


async def test_every_write_of_a_task_that_was_changed_since_is_refused(site: Site) -> None:
    """By who may: wherever the document takes an `If-Match`, and it takes one wherever a task that is named is written."""
    await staff(site.world)
    document, made = site.app.openapi(), dict[object, dict[str, str]]()
    async with site.signed_in(ROWS["holder"][0]) as ana, site.signed_in(ROWS["supervisor"][0]) as vic:
        for route in routes(document):
            operation = document["paths"][route.path][route.method.lower()]
            taken = "if-match" in [each["name"] for each in operation.get("parameters", ())]
            writes = "{task}" in route.path and route.method != "GET" and "suggestion" not in route.path
            assert taken == writes, (route.method, route.path)
            if not writes:
                continue
            kind = (KIND.get(route.deed), route.asks["action"] == "claim")
            named = made[kind] = made.get(kind) or await ids(site.world, route)
            client = vic if route.asks["action"] == "override" else ana
            answer = await ask(client, route, named, {"If-Match": '"99"'})
            assert (answer.status_code, answer.json().get("field")) == (412, "revision"), (route, answer.text)
