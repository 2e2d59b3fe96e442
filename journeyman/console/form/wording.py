"""Names and descriptions that models hold, as a person reads them."""

import re
from collections.abc import Collection

_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\s-]+")
_MINOR = "_minor"
_MINOR_UNITS = re.compile(r",?\s*\bin minor units(?:\s*\([^)]*\))?")


def worded(name: str) -> str:
    """`not_verified` and `NotVerified` as `Not verified`. A text that is no name stays."""
    words = [word for word in _JOINT.split(name) if word] if re.fullmatch(r"[\w-]+", name) else [name]
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in words] if len(words) > 1 else words
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def in_label(name: str) -> str:
    """The name of a field as its label: `repair_estimate_minor` as `Repair estimate`."""
    return worded(name.removesuffix(_MINOR) or name)


def meanings(help: str, names: Collection[str]) -> dict[str, str]:
    """What each of these choices means, where a description says it of all, as in `pay: all of it; refuse: nothing`."""
    told = dict(part.strip().partition(": ")[::2] for part in help.split(";"))
    return told if told.keys() == set(names) and all(told.values()) else {}


def no_minor_units(help: str) -> str:
    """A description without its words on minor units: the person sees and types `250.00`."""
    return _MINOR_UNITS.sub("", help).lstrip(" ,;:")
