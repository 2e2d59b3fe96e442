"""Where a tree departs from what was signed: the one change that explains it, or the narrowest range that can be told.

A signed root only says that something below it is wrong. But each checkpoint's frontier holds the hashes of subtrees, and
those fold to its signed root, so they can be trusted as much; and a row holds its leaf hash three times over.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from journeyman.ledger.merkle import Tree
from journeyman.ledger.report import Fault, Kind

Ranges = Mapping[tuple[int, int], bytes]  # [start, end) -> the hash that was signed for it

_EFFORT = 1_000_000  # hashes that a search for an explanation may cost: about a second


@dataclass(frozen=True)
class Row:
    """What one place says its leaf is: in `leaf`, in `entry`, and by its body. None: that row is gone."""

    leaf: bytes | None = None
    entry: bytes | None = None
    body: bytes | None = None


@dataclass(frozen=True)
class Settlement:
    """`truth` is the leaf of each place, as signed where that could be settled; `fault` what no row by itself shows.

    `doubted` are the leaves of which it is not known where their row stands. After them rows stand `moved` places on.
    """

    truth: list[bytes | None]
    tree: Tree
    fault: Fault | None = None
    doubted: Set[int] = frozenset()
    moved: int = 0


def settle(rows: Sequence[Row], ranges: Ranges, waiting: Mapping[bytes, int]) -> Settlement:
    """Find the leaves that the signed `ranges` are of. `waiting` are entries without a leaf: their hash and id."""
    stored = [row.leaf for row in rows]
    tree = Tree(stored)
    if fits(tree, ranges):
        return _filled(stored, tree, ranges, waiting)
    for other in ([row.body or row.leaf for row in rows], [row.entry or row.leaf for row in rows]):
        if fits(candidate := Tree(other), ranges):
            return Settlement(other, candidate)
    spans = suspects(tree, ranges)
    size = max(end for _, end in ranges)
    for leaves, fault in _exchanges(stored, unproven(tree, ranges)):
        if fits(candidate := Tree(leaves), ranges):
            return Settlement(leaves, candidate, fault, {at for at, leaf in enumerate(stored) if leaf != leaves[at]})
    start, end = spans[0]
    moves = [index for index, leaves in _moves(stored, range(start, end), size) if fits(Tree(leaves), ranges)]
    if moves:
        kind: Kind = "extra" if len(stored) > size else "missing"
        told = (
            "put in here, and those after it moved on"
            if kind == "extra"
            else "taken out here, and those after it moved up"
        )
        fault = Fault(kind, "leaf", f"a leaf was {told}", moves[0], moves[-1])
        return Settlement(stored, tree, fault, frozenset(range(moves[0], moves[-1] + 1)), 1 if kind == "extra" else -1)
    message = "the rows agree with each other, but not with the signed root over them"
    fault = Fault("altered", "leaf.leaf_hash", message, index=start, last=end - 1)
    inside = [index for low, high in spans for index in range(low, high)]
    return Settlement(stored, tree, fault, frozenset(inside if len(stored) == size else unproven(tree, ranges)))


def fits(tree: Tree, ranges: Ranges) -> bool:
    """Whether no signed hash contradicts the tree. One over an unknown leaf says nothing."""
    return all(
        end > tree.size or tree.range_hash(start, end) in (None, signed) for (start, end), signed in ranges.items()
    )


def suspects(tree: Tree, ranges: Ranges) -> list[tuple[int, int]]:
    """The narrowest ranges [start, end) of which each holds something that contradicts `ranges`, from the left."""
    wrong, right = _judged(tree, ranges)
    spans: list[tuple[int, int]] = []
    for start, end in sorted(wrong, key=lambda span: (span[1] - span[0], span[0])):
        if not any(start <= inner[0] and inner[1] <= end for inner in spans):
            left = _without([(start, end)], right) or [(start, end)]
            spans.append((left[0][0], left[-1][1]))
    return sorted(spans)


def unproven(tree: Tree, ranges: Ranges) -> list[int]:
    """Every leaf under a hash that is wrong and under none that is right: one that may have been changed."""
    wrong, right = _judged(tree, ranges)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(wrong):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [index for start, end in _without(merged, right) for index in range(start, end)]


def _judged(tree: Tree, ranges: Ranges) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    wrong: list[tuple[int, int]] = []
    right: list[tuple[int, int]] = []
    for (start, end), signed in ranges.items():
        found = tree.range_hash(start, end) if end <= tree.size else None
        if found is not None:
            (right if found == signed else wrong).append((start, end))
    return wrong, right


def _without(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of `spans`, which do not overlap, once `taken` are cut out of them."""
    for low, high in sorted(taken):
        parts: list[tuple[int, int]] = []
        for start, end in spans:
            parts += [part for part in ((start, min(end, low)), (max(start, high), end)) if part[0] < part[1]]
        spans = parts
    return spans


def _filled(stored: list[bytes | None], tree: Tree, ranges: Ranges, waiting: Mapping[bytes, int]) -> Settlement:
    """One leaf's row is gone and its entry is still there: find which entry it was."""
    gaps = [index for index, leaf in enumerate(stored) if leaf is None]
    if len(gaps) == 1 and len(waiting) * len(stored) <= _EFFORT:
        for leaf in waiting:
            filled = [*stored[: gaps[0]], leaf, *stored[gaps[0] + 1 :]]
            candidate = Tree(filled)
            if any(start <= gaps[0] < end <= len(filled) for start, end in ranges) and fits(candidate, ranges):
                return Settlement(filled, candidate)
    return Settlement(stored, tree)


def _exchanges(stored: list[bytes | None], at: list[int]) -> Iterator[tuple[list[bytes | None], Fault]]:
    """The leaves as they would have been if two of them were exchanged."""
    if len(at) * (len(at) - 1) // 2 * len(stored) <= _EFFORT:
        for low, high in combinations(at, 2):
            leaves = list(stored)
            leaves[low], leaves[high] = leaves[high], leaves[low]
            yield leaves, Fault("swapped", "leaf.index", f"the leaves {low} and {high} were exchanged", low, high)


def _moves(stored: list[bytes | None], first: range, size: int) -> Iterator[tuple[int, list[bytes | None]]]:
    """The leaves as they would have been if one was put in, or taken out, and the rest moved."""
    if len(first) * len(stored) <= _EFFORT:
        for index in first:
            if len(stored) > size:
                yield index, [*stored[:index], *stored[index + 1 :]]
            elif len(stored) < size:
                yield index, [*stored[:index], None, *stored[index:]]
