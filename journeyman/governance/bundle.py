"""A policy bundle: schema, tools' schema and policies that were read, checked and hashed together."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from journeyman.errors import PolicyError
from journeyman.governance.canary import release_canary
from journeyman.governance.cedar import Cedar
from journeyman.governance.check import SCHEMA, TOOLS, Problem, ordered, problems_of
from journeyman.governance.source import Policy, policies_of


class Bundle:
    """Policies that can be asked. Made by `load` or `from_files`; immutable."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """`files`: {name: text} of schema.cedarschema, tools.cedarschema (may be left out) and *.cedar.

        Raises PolicyError when they do not parse, do not fit the schema, or fail the canary.
        """
        self.files: dict[str, str] = {name: files[name] for name in ordered(files)}
        self.hash: str = digest(self.files)
        found = [problem for problem in problems_of(self.files) if problem.fatal]
        if found:
            raise PolicyError("\n".join(str(problem) for problem in found))
        self.policies: tuple[Policy, ...] = tuple(
            policy for name, text in self.files.items() if name.endswith(".cedar") for policy in policies_of(name, text)
        )
        self.cedar = Cedar(
            self.files[SCHEMA] + "\n" + self.files.get(TOOLS, ""), "\n".join(policy.text for policy in self.policies)
        )
        if len(self.cedar) != len(self.policies):
            raise PolicyError(f"cedar reads {len(self.cedar)} policies where {len(self.policies)} are written")
        self._by_id = {policy.id: policy for policy in self.policies}
        # INVARIANT: no bundle answers a question before the canary died in it.
        release_canary(self.cedar)

    @staticmethod
    def from_files(files: Mapping[str, str]) -> "Bundle":
        """The bundle of these texts, as a published one is kept. Raises PolicyError."""
        return _of(tuple(sorted(files.items())))

    @staticmethod
    def load(folder: str | Path) -> "Bundle":
        """The bundle of a folder. Raises PolicyError."""
        return Bundle.from_files(read(folder))

    def check(self) -> list[Problem]:
        """What is wrong or missing, in the order of the files; empty when nothing is."""
        return problems_of(self.files)

    def policy(self, id: str) -> Policy:
        """The policy of that id. Raises PolicyError."""
        try:
            return self._by_id[id]
        except KeyError:
            raise PolicyError(f"no policy `{id}` in bundle `{self.hash[:12]}`") from None

    def intent(self, id: str) -> str:
        """The line of intent above that policy."""
        return self.policy(id).intent

    def handoff(self, id: str) -> str | None:
        """Its `@handoff`: the stable word for why work went to a person."""
        return self.policy(id).annotations.get("handoff")

    def serves(self, id: str) -> str:
        """Its `@serves`: the rule or regulation that it serves."""
        return self.policy(id).annotations.get("serves", "")


@lru_cache(maxsize=8)  # to check a bundle takes a tenth of a second, and whoever publishes one soon asks it
def _of(files: tuple[tuple[str, str], ...]) -> Bundle:
    return Bundle(dict(files))


def read(folder: str | Path) -> dict[str, str]:
    """The files of a bundle folder, by name. Raises PolicyError when it has no schema."""
    path = Path(folder)
    files = {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(path.glob("*"))
        if file.suffix == ".cedar" or file.name in (SCHEMA, TOOLS)
    }
    if SCHEMA not in files:
        raise PolicyError(
            f"no `{SCHEMA}` in `{path}`; copy the one that Journeyman ships, or name the policies' folder"
        )
    return files


def digest(files: Mapping[str, str]) -> str:
    """Hex SHA-256 of the files: JSON of [name, text] pairs, sorted by name, line ends as `\\n`."""
    pairs = [[name, files[name].replace("\r\n", "\n")] for name in sorted(files)]
    return hashlib.sha256(json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
