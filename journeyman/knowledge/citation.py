"""A citation: which section of which version. `bank/fraud.md#what-is-asked@1f0c9a6b2d3e`."""

import re
from dataclasses import dataclass
from typing import Self

from journeyman.errors import InputError

BASE_DIGITS = 12
"""Digits of a base's hash in a citation; the schema lets no two bases share them."""

_FORM = re.compile(r"(?P<path>[^#@\s\x00]+)#(?P<anchor>[\w-]+)@(?P<base>[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Citation:
    """Parsed. `str()` of it is what is written."""

    path: str
    anchor: str
    base: str
    """The first 12 digits of the base's hash."""

    @classmethod
    def of(cls, path: str, anchor: str, base: str) -> Self:
        """The citation of a section, by the base's whole hash."""
        return cls(path, anchor, base[:BASE_DIGITS])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InputError for what is none."""
        match = _FORM.fullmatch(text.strip())
        if match is None:
            shown = text[:80].encode("utf-8", "replace").decode()
            raise InputError(
                f"`{shown}` is no citation; write it as `bank/fraud.md#heading@1f0c9a6b2d3e`", field="citation"
            )
        return cls(match["path"], match["anchor"], match["base"])

    def __str__(self) -> str:
        return f"{self.path}#{self.anchor}@{self.base}"
