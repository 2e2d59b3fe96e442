"""Mandated wording: versioned texts by language, recorded when given."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from journeyman.errors import ConfigurationError

AI_DISCLOSURE = "ai-disclosure"
"""The notice of who speaks, given where an AI agent is about to. Every other one is of the conversation itself, and is given
whoever leads it."""


def names(given: Iterable[str]) -> frozenset[str]:
    """Of notices as they are recorded (`name@version`)."""
    return frozenset(notice.partition("@")[0] for notice in given)


def due(mandated: Iterable[str], given: Iterable[str], *, by_ai: bool) -> list[str]:
    """Which mandated notices a customer who was `given` some (`name@version`) lacks before an AI agent speaks, or a person."""
    had = names(given) if by_ai else names(given) | {AI_DISCLOSURE}
    return [name for name in mandated if name not in had]


class Notice(BaseModel):
    """One notice: a version, and its text by language. English is the one that every other falls back to."""

    model_config = ConfigDict(frozen=True)

    version: int
    text: dict[str, str]


class Notices(BaseModel):
    """All notices of a project, from `notices.toml`."""

    model_config = ConfigDict(frozen=True)

    notices: dict[str, Notice]

    @classmethod
    def load(cls, path: Path) -> "Notices":
        """Read the file. Raises ConfigurationError that names what is wrong."""
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            notices = cls(notices=document)
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"there is no `{path}`; AI agents may not speak before its notices, so write it"
            ) from error
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise ConfigurationError(f"`{path}` is no list of notices: {error}") from error
        for name, notice in notices.notices.items():
            if "en" not in notice.text:
                raise ConfigurationError(
                    f"notice `{name}` in `{path}` has no English text; add `en`, every language falls back to it"
                )
        return notices

    def text(self, name: str, language: str) -> tuple[str, str]:
        """(`name@version`, text) in the customer's language, else in English. Raises ConfigurationError if there is none."""
        if name not in self.notices:
            raise ConfigurationError(f"there is no notice `{name}`; add it to notices.toml")
        notice = self.notices[name]
        return f"{name}@{notice.version}", notice.text.get(language, notice.text["en"])
