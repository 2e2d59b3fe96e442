"""The errands as a project, the same in every process of a test."""

import shutil
from pathlib import Path
from typing import Any

from journeyman.conversation.notices import Notices
from journeyman.governance.schema import generate
from journeyman.journey import Journey
from journeyman.project import Project
from tests.acceptance.durable.errand import RUNNER, Errand

HERE = Path(__file__).parent
POLICIES = HERE.parents[2] / "policies"

STAFF: dict[str, Any] = {
    "teams": ["errands"],
    "people": {
        "ada": {"name": "Ada", "teams": ["errands"], "capacity": 100},
        "bea": {"name": "Bea", "teams": ["errands"], "capacity": 100},
    },
    "queues": {"errands": {"title": "Errands", "teams": ["errands"]}},
}


def errands(policies: Path, journeys: tuple[type[Journey[Any]], ...] = (Errand,)) -> Project:
    """The project, with policies in this folder."""
    notices = Notices.load(POLICIES / "notices.toml")
    return Project.of(list(journeys), [RUNNER], folder=HERE, policies=policies, notices=notices)


def write_policies(folder: Path) -> Path:
    """The default rules with the runner's own."""
    for source in (POLICIES / "schema.cedarschema", POLICIES / "base.cedar", HERE / "errand.cedar"):
        shutil.copy(source, folder)
    (folder / "tools.cedarschema").write_text(generate(RUNNER.tools))
    return folder
