"""The kill points, by which test comes by them."""

from journeyman.killpoints import KILL_POINTS


def _of(*nouns: str) -> list[str]:
    return [point for point in KILL_POINTS if point.partition(".")[0] in nouns]


OF_RECORDS = _of("entry")
OF_EVENTS = _of("event")
OF_RUNS_GONE = ["run.retiring", "run.retired"]
OF_RUNS_ENDED = [point for point in _of("run") if point not in OF_RUNS_GONE]
OF_THE_ARCHIVE = _of("archive")
OF_THE_TREE = _of("tree", "checkpoint")
_BESIDE = {*OF_RECORDS, *OF_EVENTS, *OF_RUNS_ENDED, *OF_RUNS_GONE, *OF_THE_ARCHIVE, *OF_THE_TREE}
OF_THE_STORY = [point for point in KILL_POINTS if point not in _BESIDE]
"""All others: a new one is the story's, and its test fails where the story never comes by it."""
