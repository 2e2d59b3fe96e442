"""The Merkle tree of RFC 6962 (section 2.1; the same as RFC 9162's), with SHA-256.

A tree is given by its leaf hashes, in order. Proofs are verified as RFC 9162, sections 2.1.3.2 and 2.1.4.2, say.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def spans(size: int) -> list[tuple[int, int]]:
    """The leaves [start, end) of each perfect subtree of a tree of `size` leaves, left to right."""
    parts = []
    start = 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            parts.append((start, start + (1 << bit)))
            start += 1 << bit
    return parts


class Frontier:
    """A compact range: all that is needed to append to a tree and to know its root.

    `hashes` are those of the perfect subtrees that make up the tree, left to right; their sizes are the one-bits of `size`.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of `{size}` leaves has {max(size, 0).bit_count()} perfect subtrees")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        node = leaf
        size = self.size
        while size & 1:
            node = node_hash(self.hashes.pop(), node)
            size >>= 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The Merkle tree hash over all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node


class Tree:
    """All perfect subtrees of a list of leaf hashes, so that every hash and proof after costs O(log n).

    A leaf hash may be None, unknown: then so is every hash above it.
    """

    def __init__(self, leaves: Sequence[bytes | None]) -> None:
        self.size = len(leaves)
        self._levels: list[list[bytes | None]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([_above(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])

    def range_hash(self, start: int, end: int) -> bytes | None:
        """The hash over the leaves [start, end), where that is a node of some tree: `start` a multiple of a power of two
        that is at least `end - start`."""
        width = end - start
        if width <= 0:
            return EMPTY_ROOT
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._levels[level][start >> level]
        split = start + (1 << (width - 1).bit_length() - 1)
        return _above(self.range_hash(start, split), self.range_hash(split, end))

    def root(self, size: int | None = None) -> bytes | None:
        """The root over the first `size` leaves (all of them by default)."""
        return self.range_hash(0, self.size if size is None else size)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]) of RFC 6962, section 2.1.1."""
        end = self.size if size is None else size
        if not 0 <= index < end <= self.size:
            raise ValueError(f"there is no leaf `{index}` in a tree of `{end}`")
        start = 0
        path: list[bytes] = []
        while end - start > 1:
            split = start + (1 << (end - start - 1).bit_length() - 1)
            if index < split:
                path.append(self._known(split, end))
                end = split
            else:
                path.append(self._known(start, split))
                start = split
        return path[::-1]

    def consistency_proof(self, old: int, size: int | None = None) -> list[bytes]:
        """PROOF(old, D[size]) of RFC 6962, section 2.1.2."""
        end = self.size if size is None else size
        if not 0 < old <= end <= self.size:
            raise ValueError(f"a tree of `{end}` leaves cannot extend one of `{old}`")
        start, complete = 0, True
        path: list[bytes] = []
        while old < end:
            split = start + (1 << (end - start - 1).bit_length() - 1)
            if old <= split:
                path.append(self._known(split, end))
                end = split
            else:
                path.append(self._known(start, split))
                start, complete = split, False
        if not complete:
            path.append(self._known(start, end))
        return path[::-1]

    def _known(self, start: int, end: int) -> bytes:
        node = self.range_hash(start, end)
        if node is None:
            raise ValueError(f"a leaf of {start}..{end - 1} is unknown")
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """That leaf `index` is in the tree of `leaves`. For several proofs over one tree, keep a `Tree`."""
    return Tree(leaves).inclusion_proof(index)


def consistency_proof(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """That the tree of `leaves` extends the one of its first `old`. For several, keep a `Tree`."""
    return Tree(leaves).consistency_proof(old)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows `leaf` at `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether `proof` shows that the tree (`size`, `root`) extends (`old`, `old_root`) and changes none of its leaves."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:  # the old tree is a perfect subtree of the new: its root is left out of the proof
        path.insert(0, old_root)
    if not path:
        return False
    position, last = old - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_node == old_root and node == root


def _above(left: bytes | None, right: bytes | None) -> bytes | None:
    return None if left is None or right is None else node_hash(left, right)
