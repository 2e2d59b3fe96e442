"""What came of the conversations, against what was recorded. `python -m tests.acceptance.star_bank.measure` prints it."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache

from tests.acceptance.star_bank.play import Play, Played
from tests.acceptance.star_bank.recordings import recordings

INCOMPLETE = ("star-5253", "star-1187", "star-4288")
"""Let through in the recordings without a complete set of proofs."""

FIELDS = {
    "FullName": "full_name",
    "AccountNumber": "account_number",
    "PIN": "pin",
    "DateOfBirth": "date_of_birth",
    "SecurityAnswer1": "security_answer_1",
    "SecurityAnswer2": "security_answer_2",
}
"""What the recordings call what the bank asks for; written here again, so that the bank's own reading is held against it."""

_WAYS = (("FullName", "AccountNumber", "PIN"), ("FullName", "DateOfBirth", "SecurityAnswer1", "SecurityAnswer2"))


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def normalised(value: str) -> str:
    """What two people type alike: without case, spaces, leading zeros and punctuation; a date as its numbers, in any order."""
    numbers = re.findall(r"\d+", value)
    month = next((at for at, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}", value.lower())), None)
    if len(numbers) + (month is not None) == 3:
        return "-".join(sorted(number.lstrip("0") for number in [*numbers, *([str(month)] if month else [])]))
    return re.sub(r"[^a-z0-9]", "", value.lower()).lstrip("0")


def agrees(recorded: dict[str, str], check: dict[str, str]) -> bool:
    """Whether a check used what was recorded: every value of a recorded complete set."""
    given = {normalised(str(value)) for value in check.values()}
    # As sets: agents of that time put answers into each other's fields.
    return any(
        {normalised(recorded.get(name, "?")) for name in way} <= given
        for way in _WAYS
        if all(name in recorded for name in way)
    )


@cache
def played() -> tuple[Played, ...]:
    """All conversations, played once."""
    return tuple(Play(recording).run() for recording in recordings())


def told_by_recorded_proofs(one: Played) -> bool:
    """Whether the customer got their balance from the bank by the proofs that were recorded."""
    return bool(one.bank.told) and any(
        agrees(args, check) for args in one.recording.balances for check in one.bank.checks
    )


def balances() -> list[Played]:
    """Those whose recorded call returned a balance on a complete set of proofs."""
    return [one for one in played() if one.recording.balances and one.recording.id not in INCOMPLETE]


def reports() -> list[Played]:
    """Those whose recorded call filed a fraud report on a complete set of proofs."""
    return [one for one in played() if one.recording.reports and one.recording.id not in INCOMPLETE]


def summary() -> Iterator[str]:
    """The numbers and the misses, a line each."""
    spoken = [one for one in played() if one.end != "empty"]
    told = [one for one in balances() if told_by_recorded_proofs(one)]
    filed = [one for one in reports() if one.bank.reports]
    yield f"conversations {len(played())}, with a word of the customer {len(spoken)}"
    yield f"balances by the recorded proofs {len(told)} of {len(balances())}, fraud reports {len(filed)} of {len(reports())}"
    yield f"resolved by AI alone {sum(one.by_ai_alone for one in spoken)} of {len(spoken)}"
    yield f"calls of account tools before verification {sum(one.bank.early for one in played())}"
    yield f"ends {dict(Counter(one.end for one in played()))}"
    yield f"people {dict(Counter(why for one in played() for why in one.people))}"
    for what, misses in (
        ("no balance", [one for one in balances() if one not in told]),
        ("no report", [one for one in reports() if one not in filed]),
    ):
        for one in misses:
            recorded = [*one.recording.balances, *one.recording.reports][0]
            yield f"{what}: {one.recording.id} {one.end} {one.people} recorded {recorded} shown {one.bank.checks}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(summary()) + "\n")
