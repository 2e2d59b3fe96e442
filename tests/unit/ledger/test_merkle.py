"""The tree is RFC 6962's: the reference vectors of Certificate Transparency, and properties against the RFC's own recursion."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.ledger import merkle

LEAVES = [
    merkle.leaf_hash(bytes.fromhex(data))
    for data in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (0, 2, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]

sizes = st.integers(1, 70)


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(index).encode()) for index in range(size)]


def mth(leaves: list[bytes]) -> bytes:
    """The definition in RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_reference_ones(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_the_reference_ones(index: int, size: int, proof: list[str]) -> None:
    made = merkle.inclusion_proof(index, LEAVES[:size])
    assert [node.hex() for node in made] == proof
    assert merkle.verify_inclusion(index, size, LEAVES[index], made, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCY)
def test_consistency_proofs_are_the_reference_ones(old: int, size: int, proof: list[str]) -> None:
    made = merkle.consistency_proof(old, LEAVES[:size])
    assert [node.hex() for node in made] == proof
    assert merkle.verify_consistency(old, size, made, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]))


@given(sizes)
def test_three_ways_to_a_root_agree(size: int) -> None:
    leaves = leaves_of(size)
    assert merkle.root(leaves) == merkle.Tree(leaves).root() == mth(leaves)


@given(sizes, st.data())
def test_a_frontier_goes_on_from_what_was_stored(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    kept = data.draw(st.integers(0, size))
    first = merkle.Frontier()
    for leaf in leaves[:kept]:
        first.append(leaf)
    again = merkle.Frontier(first.size, first.hashes)
    for leaf in leaves[kept:]:
        again.append(leaf)
    assert again.root() == mth(leaves)
    assert [merkle.Tree(leaves).range_hash(*span) for span in merkle.spans(size)] == again.hashes


@given(sizes, st.data())
def test_every_inclusion_proof_holds_and_none_holds_elsewhere(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    tree, root = merkle.Tree(leaves), merkle.root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index)
    assert merkle.verify_inclusion(index, size, leaves[index], proof, root)
    for other in range(size):
        if other != index:
            assert not merkle.verify_inclusion(other, size, leaves[index], proof, root)
            assert not merkle.verify_inclusion(index, size, leaves[other], proof, root)
    assert not merkle.verify_inclusion(index, size, leaves[index], [*proof, root], root)
    assert not merkle.verify_inclusion(size, size, leaves[index], proof, root)
    if proof:
        assert not merkle.verify_inclusion(index, size, leaves[index], proof[:-1], root)
        assert not merkle.verify_inclusion(index, size, leaves[index], [*proof[:-1], bytes(32)], root)


@given(sizes, st.data())
def test_every_consistency_proof_holds_and_no_rewritten_tree_has_one(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    old_root, root = merkle.root(leaves[:old]), merkle.root(leaves)
    proof = merkle.Tree(leaves).consistency_proof(old)
    assert merkle.verify_consistency(old, size, proof, old_root, root)

    changed = list(leaves)
    changed[data.draw(st.integers(0, old - 1))] = bytes(32)
    forged = merkle.Tree(changed).consistency_proof(old)
    assert not merkle.verify_consistency(old, size, forged, old_root, merkle.root(changed))
    assert not merkle.verify_consistency(old, size, proof, old_root, merkle.root(changed))
    assert not merkle.verify_consistency(old, size, [*proof, root], old_root, root)
    assert not merkle.verify_consistency(size + 1, size, proof, old_root, root)


def test_an_unknown_leaf_makes_unknown_only_what_is_above_it() -> None:
    tree = merkle.Tree([*LEAVES[:5], None, *LEAVES[6:]])
    assert tree.range_hash(0, 4) == bytes.fromhex(ROOTS[4])
    assert tree.range_hash(4, 8) is None
    assert tree.root() is None
    with pytest.raises(ValueError, match="unknown"):
        tree.inclusion_proof(0)


def test_an_empty_old_tree_is_extended_by_every_tree_if_it_is_the_empty_one() -> None:
    assert merkle.verify_consistency(0, 3, [], merkle.EMPTY_ROOT, mth(LEAVES[:3]))
    assert not merkle.verify_consistency(0, 3, [], bytes(32), mth(LEAVES[:3]))


def test_what_does_not_exist_has_no_proof() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(3, LEAVES[:3])
    with pytest.raises(ValueError, match="cannot extend"):
        merkle.consistency_proof(4, LEAVES[:3])
    with pytest.raises(ValueError, match="perfect subtrees"):
        merkle.Frontier(3, [bytes(32)])
