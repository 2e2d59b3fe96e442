"""Loading and checking a bundle: what is refused, where, and with which remedy."""

from pathlib import Path

import pytest

from journeyman.errors import PolicyError
from journeyman.governance import Bundle
from journeyman.governance.bundle import digest, read
from journeyman.governance.check import misnamed, problems_of
from tests.unit.governance.shipped import POLICIES, files

GOOD = """\
// A reason.
@id("good")
@serves("a rule")
permit (principal == AIAgent::"x", action == Action::"perform", resource);
"""


def problems(text: str) -> list[str]:
    return [str(problem) for problem in problems_of(files() | {"more.cedar": text})]


def test_a_policy_with_id_intent_and_rule_is_in_order() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (GOOD.replace('@id("good")\n', ""), "more.cedar:2", "it has no `@id`"),
        (GOOD.replace('"good"', '"Not Good"'), "more.cedar:2", "`Not Good` is no id"),
        (GOOD.replace('"good"', '"stopped"'), "more.cedar:2", "`stopped` is also the id of base.cedar:"),
        (GOOD.replace("// A reason.", ""), "more.cedar:2", "no line says what it is for"),
        (GOOD.replace("// A reason.", "// A reason.\n"), "more.cedar:3", "no line says what it is for"),
        (GOOD.replace('@serves("a rule")\n', ""), "more.cedar:2", "it serves no rule"),
        (GOOD.replace('@serves("a rule")', '@serves("")'), "more.cedar:2", "it serves no rule"),
        (GOOD.replace("// A", '// "; // A'), "", ""),
        (GOOD.replace('"perform"', '"preform"'), "more.cedar:2", 'unrecognized action `Action::"preform"`'),
        (
            GOOD.replace("resource)", "resource) when { context.facts.amount > 1 }"),
            "more.cedar:2",
            "optional attribute",
        ),
        (GOOD.replace("resource)", "resource) when { resource.nmae == 1 }"), "more.cedar:2", "`nmae`"),
        (GOOD.replace("resource)", "resource) when { true"), "more.cedar:2", "it does not parse"),
        (GOOD + GOOD.replace('"good"', '"two"').replace(";", ""), "more.cedar:6", "it does not parse"),
        (GOOD.replace('== AIAgent::"x"', "== ?principal"), "more.cedar:2", "a slot"),
        (GOOD.replace(' == AIAgent::"x"', ""), "more.cedar:2", "it permits any type of principal"),
        (GOOD.replace("@serves", '@handoff("word")\n@serves'), "more.cedar:2", "has no use here"),
        (
            GOOD.replace("resource)", "resource) when { context.facts has claimed_confidence }"),
            "more.cedar:2",
            "it permits on `claimed_confidence`",
        ),
        (
            GOOD.replace("resource)", "resource) when { context.facts.failed_turns > 0 }"),
            "more.cedar:2",
            "it permits on `failed_turns`",
        ),
        (
            GOOD.replace("permit", "forbid").replace(
                "resource)", 'resource) unless { context.facts has intent && context.facts.intent == "x" }'
            ),
            "more.cedar:2",
            "it permits on `intent`",
        ),
    ],
)
def test_a_problem_is_told_with_its_place_and_a_remedy(text: str, place: str, message: str) -> None:
    found = problems(text)
    if not message:
        assert found == []
        return
    assert any(line.startswith(f"{place}: ") and message in line and "; " in line for line in found), found


def test_a_policy_that_ends_too_early_is_asked_for_its_semicolon() -> None:
    (line,) = problems(GOOD.replace(";", ""))
    assert line == "more.cedar:2: it does not parse: unexpected end of input; does a `;` lack at its end?"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("resource)", 'resource == Step::"parcel/confirm-adress")'),
        GOOD.replace("resource)", 'resource) when { resource == Step::"parcel/confirm-adress" }'),
    ],
)
def test_a_policy_about_a_step_that_does_not_exist_is_told_with_the_nearest(text: str) -> None:
    (problem,) = misnamed({"own.cedar": text}, {"parcel/confirm-address", "parcel/send"})
    assert str(problem) == ("own.cedar:2: there is no step `parcel/confirm-adress`; near: `parcel/confirm-address`")
    assert misnamed({"own.cedar": text.replace("adress", "address")}, {"parcel/confirm-address"}) == []
    (far,) = misnamed({"own.cedar": text}, {"errand/go"})
    assert "write it as `KIND/STEP`" in far.remedy


def test_a_problem_in_the_schema_is_told() -> None:
    (problem,) = problems_of({"schema.cedarschema": "entity A in [B];", "base.cedar": GOOD})
    assert problem.fatal
    assert "does not parse" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"perform"', '"preform"'),
        GOOD.replace("resource)", "resource"),
        GOOD.replace(' == AIAgent::"x"', ""),
        GOOD.replace('@id("good")\n', ""),
        GOOD + GOOD,
    ],
)
def test_what_does_not_fit_is_not_loaded(text: str) -> None:
    with pytest.raises(PolicyError, match=r"more\.cedar:\d"):
        Bundle.from_files(files() | {"more.cedar": text})


def test_a_folder_without_a_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no `schema\.cedarschema`"):
        Bundle.load(tmp_path)


def test_only_schemas_and_policies_are_read(tmp_path: Path) -> None:
    for name, text in files().items():
        (tmp_path / name).write_text(text)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "other.cedarschema").write_text("x")
    assert read(tmp_path) == files()


def test_the_hash_is_of_the_texts_and_of_nothing_else() -> None:
    bundle = Bundle.load(POLICIES)
    assert bundle.hash == Bundle.from_files(dict(reversed(files().items()))).hash
    assert bundle.hash == digest({name: text.replace("\n", "\r\n") for name, text in files().items()})
    moved = files() | {"base.cedar": files()["base.cedar"] + "\n// one more line\n"}
    assert Bundle.from_files(moved).hash != bundle.hash


def test_texts_cannot_move_between_files_unseen() -> None:
    assert digest({"a": "x", "b": "y"}) != digest({"a": "xy", "b": ""}) != digest({"ab": "xy"})


def test_a_policy_is_readable_by_id() -> None:
    bundle = Bundle.load(POLICIES)
    assert bundle.intent("person-on-request").startswith("A customer who asks for a person gets one")
    assert bundle.handoff("person-on-request") == "asked_for_person"
    assert bundle.handoff("agents-assist") is None
    assert "GDPR" in bundle.serves("person-on-request")
    with pytest.raises(PolicyError, match="no policy `nothing`"):
        bundle.policy("nothing")
