"""A journey's machine as a drawing: stages in layers by how far they are from the first one, and the ways between them.

Pure geometry, in units of an SVG: the template draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.journey.definition import Definition

WIDTH: Final = 150
HEIGHT: Final = 54
_ACROSS: Final = 230
_DOWN: Final = 104
_EDGE: Final = 30


@dataclass(frozen=True)
class Box:
    """A stage, by its upper left corner; `journeys` are in it now."""

    name: str
    x: int
    y: int
    journeys: int
    first: bool
    ends: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """All of it. `ways` are paths of an SVG, one for each way from a stage to another."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[str, ...]


def draw(definition: Definition, journeys: Mapping[str, int]) -> Drawing:
    """Lay it out. `journeys` by stage."""
    layers = _layers(definition)
    boxes = {
        name: Box(
            name,
            _EDGE + across * _ACROSS,
            _EDGE + down * _DOWN,
            journeys.get(name, 0),
            definition.stages[name].initial,
            definition.stages[name].ends,
        )
        for across, layer in enumerate(layers)
        for down, name in enumerate(layer)
    }
    ways = tuple(_way(boxes[stage.name], boxes[to]) for stage in definition.stages.values() for to in stage.to)
    return Drawing(
        width=len(layers) * _ACROSS - (_ACROSS - WIDTH) + 2 * _EDGE,
        height=max(map(len, layers)) * _DOWN - (_DOWN - HEIGHT) + 2 * _EDGE,
        boxes=tuple(boxes.values()),
        ways=ways,
    )


def _layers(definition: Definition) -> list[list[str]]:
    layers, seen = [[definition.initial.name]], {definition.initial.name}
    while layers[-1]:
        found = dict.fromkeys(to for name in layers[-1] for to in definition.stages[name].to if to not in seen)
        seen |= found.keys()
        layers.append(list(found))
    return layers[:-1]


def _way(start: Box, end: Box) -> str:
    """Forward from side to side; back, or to itself, below both."""
    if end.x > start.x:
        x, y, to_x, to_y = start.x + WIDTH, start.y + HEIGHT // 2, end.x, end.y + HEIGHT // 2
        middle = (x + to_x) // 2
        return f"M{x} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}"
    if end.x == start.x and end.y != start.y:
        x, below = start.x + WIDTH // 2, end.y > start.y
        return f"M{x} {start.y + HEIGHT if below else start.y} L{x} {end.y if below else end.y + HEIGHT}"
    x, to_x = start.x + WIDTH // 2, end.x + WIDTH // 2 - (0 if end is not start else 40)
    bottom = max(start.y, end.y) + HEIGHT
    return f"M{x} {start.y + HEIGHT} C{x} {bottom + 36} {to_x} {bottom + 36} {to_x} {end.y + HEIGHT}"
