"""What the customer chat says, by language: a table of data, `texts/chat.toml`. English is what every other falls back to."""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

ENGLISH: Final = "en"
RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})
_FILE: Final = Path(__file__).parent / "texts" / "chat.toml"


class Texts(BaseModel):
    """All texts: {name: {language: text}}."""

    model_config = ConfigDict(frozen=True)

    texts: dict[str, dict[str, str]]

    @classmethod
    def load(cls, path: Path = _FILE) -> "Texts":
        """Read the table."""
        return cls(texts=tomllib.loads(path.read_text(encoding="utf-8")))

    @cached_property
    def languages(self) -> Mapping[str, str]:
        """Those that there are, and what each calls itself, English first."""
        return self.texts["language_name"]

    def of(self, language: str) -> dict[str, str]:
        """Every text in a language, else in English."""
        return {name: text.get(language, text[ENGLISH]) for name, text in self.texts.items()}

    def known(self, language: str) -> str:
        """The language, where there are texts of it, else English."""
        return language if language in self.languages else ENGLISH

    def wished(self, accepted: str) -> str:
        """The best of what a browser accepts (RFC 9110, section 12.5.4), else English."""
        wishes = []
        for at, part in enumerate(accepted[:500].split(",")):
            tag, _, weight = part.strip().partition(";")
            try:
                quality = float(weight.strip().removeprefix("q=") or 1)
            except ValueError:
                continue
            primary = tag.strip().lower().partition("-")[0]
            if quality > 0 and primary in self.languages:
                wishes.append((-quality, at, primary))
        return min(wishes)[2] if wishes else ENGLISH


def direction(language: str) -> str:
    """Which way it is written: `ltr` or `rtl`."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


TEXTS: Final = Texts.load()
