import json

import pytest

from journeyman.agents import AIAgent, Article
from journeyman.errors import DefinitionError
from tests.unit.agents.models import CLERK, Loss, get_balance


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(DefinitionError, match="two tools named `get_balance`"):
        AIAgent(name="clerk", title="Clerk", instructions="Help.", tools=(get_balance, get_balance))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": "The Clerk"}, "rename"),
        ({"instructions": " "}, "no instructions"),
        ({"max_turns": 0}, "max_turns"),
        ({"calibrated": ("claim/assess",)}, "names no `model`"),
        ({"standin": "clerk"}, "module:function"),
    ],
)
def test_a_declaration_that_cannot_work_is_an_error_with_its_remedy(changes: dict[str, object], word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        AIAgent.model_validate({"name": "clerk", "title": "Clerk", "instructions": "Help."} | changes)


def test_the_hash_changes_with_all_that_the_model_or_policy_relies_on() -> None:
    variants = [
        CLERK,
        CLERK.model_copy(update={"instructions": "You are someone else."}),
        CLERK.model_copy(update={"tools": ()}),
        CLERK.model_copy(update={"model": "other"}),
        CLERK.model_copy(update={"model": "other", "calibrated": ("claim/report-loss",)}),
        CLERK.model_copy(update={"knowledge": (Article(title="Fees", text="None."),)}),
        CLERK.model_copy(update={"tools": (get_balance.model_copy(update={"mode": "at_most_once"}),)}),
    ]
    fresh = [AIAgent.model_validate(dict(variant)) for variant in variants]
    assert len({variant.hash for variant in fresh}) == len(variants)


def test_the_specification_is_json_and_holds_the_schemas_of_tools_and_outputs() -> None:
    spec = json.loads(json.dumps(CLERK.spec({"report-loss": Loss})))
    assert spec["tools"][0]["args"]["properties"].keys() >= {"account", "pin"}
    assert spec["outputs"]["report-loss"]["properties"].keys() >= {"cause", "place"}
