"""The verifier: whether a pack holds what was recorded, all of it, in its order. Pure: no database, no server.

It trusts two things only, and both come from outside the pack: the keys in `trusted`, and checkpoints that somebody kept
where the operator does not rule. Without a kept checkpoint a pack can be shown to be consistent with itself and its
signatures; one who holds the signing key could have rewritten all of it. The report says which of the two was done.
"""

from collections.abc import Iterable, Set
from dataclasses import replace

from journeyman.errors import ConfigurationError, JourneymanError
from journeyman.ledger import moments
from journeyman.ledger.chain import digest, stated
from journeyman.ledger.checkpoint import Checkpoint, VerifierKey, open_note, split_note
from journeyman.ledger.entry import moment_text
from journeyman.ledger.locate import Row, Settlement, fits, settle
from journeyman.ledger.merkle import Frontier, Tree, leaf_hash, spans, verify_consistency, verify_inclusion
from journeyman.ledger.pack import CheckpointRow, EntryRow, Pack, Place
from journeyman.ledger.report import Fault, Kind, Report
from journeyman.ledger.rows import erased_subject, integrated_faults, row_of, value_faults, waiting_faults


def verify(
    pack: Pack,
    *,
    kept: Iterable[str] = (),
    trusted: Iterable[VerifierKey] = (),
    witnessed: Iterable[str] = (),
) -> Report:
    """Verify a pack; never raises, everything wrong is in the report.

    `kept` are notes from outside, `trusted` the keys to accept (the pack's own word if none are given), `witnessed` leaf
    hashes in hex that others saw recorded, such as those in Temporal's history: each must be an entry of the pack.
    """
    return _Verification(pack, list(trusted), frozenset(witnessed)).run(list(kept))


class _Verification:
    def __init__(self, pack: Pack, trusted: list[VerifierKey], witnessed: frozenset[str]) -> None:
        self.pack = pack
        self.keys = trusted
        self.witnessed = witnessed
        self.report = Report(pack.header.origin, pack.header.journey)
        self.signed: dict[int, Checkpoint] = {}  # the pack's own, by size, whose signature holds
        self.doubted: set[int] = set()  # of these, those that no other checkpoint vouches for
        self.kept: dict[int, Checkpoint] = {}

    def run(self, kept: list[str]) -> Report:
        self._take_keys()
        self._open_kept(kept)
        for row in sorted(self.pack.checkpoints, key=lambda row: row.size):
            self._check_checkpoint(row)
        if self.signed:
            self.report.size = max(self.signed)
            self.report.root = self.signed[self.report.size].root
        if self.pack.header.journey is None:
            self._check_chain()
            tree = self._check_tree()
            self._check_kept(tree)
        else:
            self._check_proofs()
            self._check_kept_by_proof()
            self.report.notes.append("that no entry of a journey is left out is shown by witnesses, or by a whole pack")
        self._check_waiting()
        self._check_values()
        self._check_witnessed()
        return self.report

    def _fault(
        self,
        kind: Kind,
        column: str,
        message: str,
        *,
        index: int | None = None,
        last: int | None = None,
        entry: int | None = None,
        size: int | None = None,
    ) -> None:
        self.report.faults.append(Fault(kind, column, message, index, last, entry, size))

    # Keys and checkpoints

    def _take_keys(self) -> None:
        if self.pack.header.key is None:
            return
        try:
            own = VerifierKey.parse(self.pack.header.key)
        except ConfigurationError as error:
            self._fault("altered", "header.key", str(error))
            return
        if not self.keys:
            self.keys = [own]
            self.report.notes.append(f"no trusted key was given: `{own}` is the pack's own word")
        elif own not in self.keys:
            self._fault("unsigned", "header.key", f"`{own}` is none of the trusted keys")

    def _open(self, note: str) -> Checkpoint:
        problem: JourneymanError = ConfigurationError("there is no key to open it with: give the trusted one")
        for key in self.keys:
            try:
                return open_note(note, key)
            except JourneymanError as error:
                problem = error
        raise problem

    def _open_kept(self, notes: list[str]) -> None:
        for number, note in enumerate(notes, start=1):
            try:
                checkpoint = self._open(note)
            except JourneymanError as error:
                self._fault("unsigned", "kept", f"kept checkpoint {number} is of no use: {error}")
                continue
            if checkpoint.origin != self.pack.header.origin:
                message = (
                    f"kept checkpoint {number} is of `{checkpoint.origin}`, the pack of `{self.pack.header.origin}`"
                )
                self._fault("altered", "header.origin", message)
                continue
            other = self.kept.setdefault(checkpoint.size, checkpoint)
            if other != checkpoint:
                self._fault("fork", "kept", "two kept checkpoints of this size are signed and differ", size=other.size)
        self.report.kept = sorted(self.kept)
        if not self.kept:
            self.report.notes.append(
                "no checkpoint kept outside was given: who holds the signing key could rewrite all"
            )

    def _check_checkpoint(self, row: CheckpointRow) -> None:
        """A row against its note: every column repeats what is signed."""
        try:
            checkpoint = self._open(row.note)
            alone = len(split_note(row.note)[1]) == 1
        except JourneymanError as error:
            self._fault("altered", "checkpoint.note", str(error), size=row.size)
            return
        statement = stated(checkpoint)
        if not alone or statement is None or checkpoint.origin != self.pack.header.origin:
            message = "it is signed, but has other lines, signatures or another origin than this ledger's"
            self._fault("altered", "checkpoint.note", message, size=row.size)
            return
        if checkpoint.size in self.signed:
            self._fault("extra", "checkpoint", "two rows hold a note of one size", size=checkpoint.size)
            return
        self.signed[checkpoint.size] = checkpoint
        for column, same in (
            ("size", row.size == checkpoint.size),
            ("root", row.root == checkpoint.root),
            ("at", row.at.microsecond % 1000 == 0 and moment_text(row.at) == statement.at),
            ("frontier", self._frontier(row, checkpoint) is not None),
        ):
            if not same:
                message = "it is not what the signed note says"
                self._fault("altered", f"checkpoint.{column}", message, size=checkpoint.size)

    @staticmethod
    def _frontier(row: CheckpointRow, checkpoint: Checkpoint) -> Frontier | None:
        try:
            frontier = Frontier(checkpoint.size, row.frontier)
        except ValueError:
            return None
        return frontier if frontier.root() == checkpoint.root else None

    def _check_chain(self) -> None:
        """Each checkpoint names the one before it, so that none can be left out or signed anew."""
        due: tuple[int, bytes] | None = None
        known = {row.size for row in self.pack.checkpoints}
        for size in sorted(self.signed, reverse=True):
            checkpoint = self.signed[size]
            if due is not None and size > due[0]:
                self._fault("extra", "checkpoint", f"no other builds on it: the next one follows {due[0]}", size=size)
                self.doubted.add(size)
                continue
            if due is not None and size == due[0] and digest(checkpoint) != due[1]:
                message = "it is not the one that the next checkpoint was signed over: it was signed anew"
                self._fault("fork", "checkpoint.note", message, size=size)
                self.doubted.add(size)
            if due is not None and size < due[0] and due[0] not in known:
                self._fault("missing", "checkpoint", "the next checkpoint was signed over it", size=due[0])
            statement = stated(checkpoint)
            due = statement.previous if statement else None
        self.report.faults.extend(moments.checkpoint_faults(self._vouched()))
        if due is not None and due[0] not in known:
            self._fault("missing", "checkpoint", "the next checkpoint was signed over it", size=due[0])

    def _vouched(self) -> list[Checkpoint]:
        """The pack's own checkpoints that no other one contradicts, by size."""
        return [self.signed[size] for size in sorted(self.signed.keys() - self.doubted)]

    # The tree of a whole pack

    def _check_tree(self) -> Tree:
        places: dict[int, Place] = {}
        for leaf, place in self.pack.leaves:
            if leaf.index in places:
                self._fault("extra", "leaf", "two leaves have this index", index=leaf.index, entry=leaf.entry_id)
            places.setdefault(leaf.index, place)
        beyond = [size for size in self.kept if size > self.report.size]
        held = min(max(places, default=-1) + 1, 2 * len(places) + 1000)  # an index out of all measure costs no memory
        rows = [row_of(places[at]) if at in places else Row() for at in range(held)]
        vouched = {checkpoint.size: checkpoint for checkpoint in self._vouched()}
        ranges = {(0, size): checkpoint.root for size, checkpoint in vouched.items()}
        ranges |= {(0, size): self.kept[size].root for size in beyond if size <= held}
        for row in self.pack.checkpoints:
            checkpoint = vouched.get(row.size)
            frontier = checkpoint and self._frontier(row, checkpoint)
            if frontier:
                ranges |= dict(zip(spans(frontier.size), frontier.hashes, strict=True))
        waiting = {entry.leaf_hash: entry.id for entry in self.pack.waiting}
        settled = settle(rows, ranges, waiting)
        if settled.fault:
            at = settled.fault.index if settled.fault.last in (None, settled.fault.index) else None
            alone = places[at].entry if at in places and settled.fault.kind != "missing" else None
            self.report.faults.append(replace(settled.fault, entry=alone.id if alone else None))
        if not settled.moved:
            self._check_ends(places, settled.truth, waiting)
        where = {leaf: at for at, leaf in enumerate(settled.truth) if leaf is not None}
        before = len(self.report.faults)
        for at, place in sorted(places.items()):
            truth = settled.truth[at] if at < held else None
            if place.leaf and truth is not None:
                self.report.faults.extend(integrated_faults(place.leaf, place, truth, where, waiting))
        self.report.integrated = len(places)
        elsewhere = {fault.index for fault in self.report.faults[before:] if fault.column == "leaf.entry_id"}
        self._check_recorded(places, settled, elsewhere)
        return settled.tree

    def _check_recorded(self, places: dict[int, Place], settled: Settlement, elsewhere: Set[int | None]) -> None:
        """When the entries were recorded, where it is known which entry was signed at a leaf, whatever else is wrong."""
        rows: dict[int, EntryRow] = {}
        doubted = max(settled.doubted, default=0)
        for at, place in places.items():
            index = at - settled.moved if at - settled.moved >= doubted else at
            if place.entry is not None and at not in elsewhere and index not in settled.doubted:
                rows[index] = place.entry
        of_tree = {
            at: row for at, row in self.kept.items() if at <= settled.tree.size and settled.tree.root(at) == row.root
        }
        signed = of_tree | {checkpoint.size: checkpoint for checkpoint in self._vouched()}
        moments.check_recorded(rows, [signed[size] for size in sorted(signed)], self.report)

    def _check_ends(self, places: dict[int, Place], truth: list[bytes | None], waiting: dict[bytes, int]) -> None:
        """Every index below the newest checkpoint has a leaf, and none above it has."""
        size = self.report.size
        due = 0
        for at in (*sorted(at for at in places if at < size), size):
            if at > due:
                owner = waiting.get((truth[due] if due < len(truth) else None) or b"")
                message = "cut off at the end" if at == size else "gone from the middle"
                if owner is not None:
                    message = f"the leaf of entry {owner} is gone, the entry is there"
                self._fault("missing", "leaf", message, index=due, last=at - 1, entry=owner)
            due = at + 1
        covered = max([size, *(row.size for row in self.pack.checkpoints)])  # an altered note is told by itself
        for leaf, _ in self.pack.leaves:
            if leaf.index >= covered:
                message = "no checkpoint covers it: leaves and their checkpoint are written together"
                self._fault("extra", "leaf", message, index=leaf.index, entry=leaf.entry_id)

    def _check_kept(self, tree: Tree) -> None:
        """The tree against what was kept. Whoever holds the signing key is caught here, or nowhere."""
        good = 0
        known = {row.size for row in self.pack.checkpoints}
        for size in sorted(self.kept):
            kept, own = self.kept[size], self.signed.get(size)
            if own == kept:
                good = size
                continue
            if own is not None:
                what = "another tree" if own.root != kept.root else "other lines"
                message = f"a checkpoint of this size with {what} was kept outside: both are signed, one is a forgery"
                self._fault("fork", "checkpoint.note", message, index=good, last=size - 1, size=size)
            elif size > max(tree.size, self.report.size):
                message = f"the pack holds {tree.size} leaves, and {size} were signed: it was rolled back"
                self._fault("rolled_back", "leaf", message, index=tree.size, last=size - 1, size=size)
            else:
                if size not in known:
                    self._fault("missing", "checkpoint", "it was kept outside and is gone from the pack", size=size)
                if size > tree.size or fits(tree, {(0, size): kept.root}):
                    good = max(good, min(size, tree.size))
                elif size < self.report.size:
                    message = "the leaves are not those of the checkpoint that was kept: rewritten and signed anew"
                    self._fault("fork", "leaf.leaf_hash", message, index=good, last=size - 1, size=size)

    # A pack of one journey

    def _check_proofs(self) -> None:
        newest = self.signed.get(self.report.size)
        for leaf, place in self.pack.leaves:
            self.report.integrated += 1
            row = row_of(place)
            truth = next(
                (
                    said
                    for said in (row.leaf, row.body, row.entry)
                    if said is not None
                    and newest is not None
                    and verify_inclusion(leaf.index, newest.size, said, place.proof or (), newest.root)
                ),
                None,
            )
            if truth is None:
                message = "no leaf hash in its row is proven to be in the signed tree at this index"
                self._fault("unproven", "leaf", message, index=leaf.index, entry=leaf.entry_id)
            else:
                self.report.faults.extend(integrated_faults(leaf, place, truth, {}, {}))
        for place in self.pack.places:
            entry = place.entry
            ours = entry is None or entry.journey_id == self.pack.header.journey or erased_subject(place) is not None
            if entry is not None and not ours:
                index = place.leaf.index if place.leaf else None
                self._fault("extra", "entry", "it is of another journey", index=index, entry=entry.id)

    def _check_kept_by_proof(self) -> None:
        newest = self.signed.get(self.report.size)
        proofs = {(proof.old, proof.size): proof.proof for proof in self.pack.proofs}
        for size, kept in sorted(self.kept.items()):
            if newest is None or size > newest.size:
                message = f"the pack's checkpoint is of {self.report.size} leaves, and {size} were signed: rolled back"
                self._fault("rolled_back", "checkpoint", message, size=size)
            elif size == newest.size and kept != newest:
                message = "another checkpoint of this size was kept outside: both are signed, one is a forgery"
                self._fault("fork", "checkpoint.note", message, size=size)
            elif (size, newest.size) not in proofs and size != newest.size:
                message = "the pack has no proof from it: `journeyman audit export` it again with this checkpoint in `--against`"
                self._fault("unproven", "consistency", message, size=size)
            elif not verify_consistency(size, newest.size, proofs.get((size, newest.size), ()), kept.root, newest.root):
                message = "the pack's tree does not extend the one that was kept: rewritten and signed anew"
                self._fault("fork", "checkpoint.root", message, size=size)

    # Entries wherever they stand

    def _check_waiting(self) -> None:
        statement = stated(self.signed[self.report.size]) if self.signed else None
        newest = statement.made if statement else None
        for entry in self.pack.waiting:
            self.report.waiting += 1
            self.report.faults.extend(waiting_faults(entry, self.witnessed))
            self.report.faults.extend(moments.entry_faults(entry, None, after=newest, until=None))
        if self.report.waiting:
            self.report.notes.append(
                f"{self.report.waiting} entries are recorded and not yet integrated: only witnesses vouch for them"
            )

    def _check_values(self) -> None:
        if not self.pack.header.with_values:
            self.report.notes.append("the pack was exported without values: they were not checked")
            return
        erased = {subject for place in self.pack.places if (subject := erased_subject(place)) is not None}
        for place in self.pack.places:
            self.report.faults.extend(value_faults(place, place.values, erased))
            self.report.erased += sum(row.state == "erased" for row in place.values)
        if self.report.erased:
            self.report.notes.append(f"{self.report.erased} values were erased with their key: their proofs hold")

    def _check_witnessed(self) -> None:
        present = {leaf_hash(place.entry.body).hex() for place in self.pack.places if place.entry is not None}
        for leaf in sorted(self.witnessed - present):
            self._fault("missing", "entry", f"a witness saw the leaf hash {leaf} recorded, and no entry has it")
