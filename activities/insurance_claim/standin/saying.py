"""Saying things in more than one way: no sentence is said twice in a conversation."""

from collections.abc import Iterable
from itertools import product

from journeyman.agents.prompt import Line


def fresh(lines: Iterable[Line], *parts: tuple[str, ...]) -> str:
    """The first combination of the parts that was not said yet."""
    said = {line.text.casefold() for line in lines if line.author_kind == "ai"}
    wordings = [" ".join(filter(None, chosen)) for chosen in product(*parts)]
    return next((text for text in wordings if text.casefold() not in said), f"{wordings[0]} ({len(said) + 1})")


def money(minor: int) -> str:
    """An amount in minor units, as it is said."""
    return f"${minor / 100:,.2f}"
