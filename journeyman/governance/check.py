"""What is wrong with a bundle's files, before anyone is asked to believe them."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from journeyman.errors import PolicyError
from journeyman.governance.cedar import Cedar
from journeyman.governance.facts import AGENT_WRITTEN
from journeyman.governance.source import Policy, policies_of

SCHEMA = "schema.cedarschema"
TOOLS = "tools.cedarschema"
FIRST = "base.cedar"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend. `fatal` ones keep a bundle from being loaded."""

    place: str
    """`file:line`, or the file."""
    message: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.message}; {self.remedy}"


def ordered(files: Mapping[str, str]) -> list[str]:
    """The order in which files are read: base.cedar first, so that its reasons come first, then by name."""
    return sorted(files, key=lambda name: (name != FIRST, name))


def problems_of(files: Mapping[str, str]) -> list[Problem]:
    """Every problem of a bundle's files, in their order."""
    if SCHEMA not in files:
        return [Problem(SCHEMA, "there is no schema", "copy the one that Journeyman ships", fatal=True)]
    schema = files[SCHEMA] + "\n" + files.get(TOOLS, "")
    try:
        cedar = Cedar(schema, "")
    except PolicyError as error:
        return [Problem(SCHEMA, str(error), f"mend it, or generate `{TOOLS}` again", fatal=True)]
    found: list[Problem] = []
    seen: dict[str, str] = {}
    for name in ordered(files):
        if name.endswith(".cedar"):
            for policy in policies_of(name, files[name]):
                found += _problems(policy, cedar, seen)
    return found


def misnamed(files: Mapping[str, str], steps: Collection[str]) -> list[Problem]:
    """The policies that name a step which is not among `steps` (each `kind/step`), and so never apply."""
    return [
        Problem(policy.place, f"there is no step `{step}`", _nearest(step, steps))
        for name in ordered(files)
        if name.endswith(".cedar")
        for policy in policies_of(name, files[name])
        for step in dict.fromkeys(_steps(policy.form))
        if step not in steps
    ]


def _nearest(name: str, names: Collection[str]) -> str:
    near = get_close_matches(name, sorted(names), n=3)
    if near:
        return f"near: {', '.join(f'`{each}`' for each in near)}"
    return "write it as `KIND/STEP`, or take the policy out"


def _steps(node: object) -> Iterator[str]:
    """The steps that a policy's JSON form names."""
    if isinstance(node, dict):
        if node.get("type") == "Step" and isinstance(node.get("id"), str):
            yield node["id"]
        for value in node.values():
            yield from _steps(value)
    elif isinstance(node, list):
        for item in node:
            yield from _steps(item)


def _problems(policy: Policy, cedar: Cedar, seen: dict[str, str]) -> Iterator[Problem]:
    if policy.error:
        remedy = "does a `;` lack at its end?" if "unexpected end of input" in policy.error else "mend its syntax"
        yield Problem(policy.place, f"it does not parse: {policy.error}", remedy, fatal=True)
        return
    if not _ID.fullmatch(policy.id):
        written = f"`{policy.id}` is no id" if policy.id else "it has no `@id`"
        yield Problem(policy.place, written, 'write one above it, such as `@id("vip-fraud-to-people")`', fatal=True)
    elif policy.id in seen:
        remedy = "give each its own"
        yield Problem(policy.place, f"`{policy.id}` is also the id of {seen[policy.id]}", remedy, fatal=True)
    seen.setdefault(policy.id, policy.place)
    if not policy.intent:
        yield Problem(policy.place, "no line says what it is for", "write its intent as a `// comment` right above it")
    if not policy.annotations.get("serves"):
        remedy = 'name the rule or regulation, such as `@serves("GDPR Art. 22")`'
        yield Problem(policy.place, "it serves no rule", remedy)
    handoff = policy.annotations.get("handoff")
    if handoff is not None and (policy.effect != "forbid" or not _WORD.fullmatch(handoff)):
        remedy = "put it on a forbid, as a word such as `asked_for_person`"
        yield Problem(policy.place, f"`@handoff({handoff})` has no use here", remedy)
    for error in cedar.problems(policy.text):
        message = re.sub(r"^for policy `policy0`,? ?:?", "", error).strip()
        yield Problem(policy.place, message, f"write it as {SCHEMA} has it", fatal=True)
    if policy.effect == "permit":
        yield from _problems_of_permit(policy)
    elif _reads(policy.form, in_unless=True) & AGENT_WRITTEN:
        yield _unbelievable(policy, _reads(policy.form, in_unless=True) & AGENT_WRITTEN)


def _problems_of_permit(policy: Policy) -> Iterator[Problem]:
    scope = policy.form["principal"]
    if isinstance(scope, dict) and scope.get("op") == "All":
        remedy = "write `principal is Person`, `principal is AIAgent`, or name the agent"
        yield Problem(policy.place, "it permits any type of principal", remedy, fatal=True)
    believed = _reads(policy.form) & AGENT_WRITTEN
    if believed:
        yield _unbelievable(policy, believed)


def _unbelievable(policy: Policy, facts: frozenset[str]) -> Problem:
    named = ", ".join(f"`{fact}`" for fact in sorted(facts))
    remedy = "use it only to forbid, in a `when`"
    return Problem(policy.place, f"it permits on {named}, which the agent words itself", remedy, fatal=True)


def _reads(form: dict[str, object], *, in_unless: bool = False) -> frozenset[str]:
    """Names of the attributes that its conditions read; with `in_unless`, only those of its `unless` clauses."""
    conditions = form.get("conditions", [])
    assert isinstance(conditions, list)
    wanted = [item["body"] for item in conditions if not in_unless or item["kind"] == "unless"]
    return frozenset(name for body in wanted for name in attributes(body))


def attributes(node: object) -> Iterator[str]:
    """Names of the attributes that a policy's JSON form reads or tests for."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in (".", "has") and isinstance(value, dict) and isinstance(value.get("attr"), str):
                yield value["attr"]
            yield from attributes(value)
    elif isinstance(node, list):
        for item in node:
            yield from attributes(item)
