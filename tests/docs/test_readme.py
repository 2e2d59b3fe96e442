"""README.md: its journey runs as written, and the trace that it shows is what comes out."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, by_itself
from tests.docs.projects import project

README = ROOT / "README.md"

_VOLATILE = (
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "AT"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+", "RUN"),
    (r"\b(\w+)-01[0-9a-z]{24}\b", r"\1-ID"),
    (r"\b[0-9a-f]{12}\b", "HASH"),
    (r"entry \d+, (leaf \d+|not yet integrated)", "entry N"),
    (r"(tokens|token_probability) \d+", r"\1 N"),
)


_NOTICES = '["ai-disclosure", "recording"]'  # a set, in whatever order


def settled(text: str) -> str:
    """Without what differs from run to run, and however the lines were broken."""
    for pattern, constant in _VOLATILE:
        text = re.sub(pattern, constant, text)
    return " ".join(text.split()).replace('["recording", "ai-disclosure"]', _NOTICES)


@pytest.mark.slow
def test_the_journey_in_30_lines_runs_as_written_and_its_trace_is_the_one_shown(tmp_path: Path) -> None:
    shown = blocks(README)
    folder = project(tmp_path, shown, journeys=["workflows.refund:Refund"], agents=["workflows.refund:CLERK"])
    test = next(block for block in shown if block.file == "tests/test_refund.py")
    # The same test once more, which writes its trace down.
    telling = test.text + '        __import__("pathlib").Path("trace.txt").write_text(await journey.trace())\n'
    (folder / "tests" / "test_trace.py").write_text(telling)
    done = by_itself(folder, "pytest", "-q", "tests/test_refund.py", "tests/test_trace.py")
    assert done.returncode == 0, done.stdout + done.stderr
    checked = by_itself(folder, "journeyman", "policy", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    told = settled((folder / "trace.txt").read_text())
    (excerpt,) = blocks(README, "text")
    for paragraph in excerpt.text.split("\n\n"):
        assert settled(paragraph) in told, told


def test_the_two_commands_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in blocks(README, "sh")[0].text.splitlines():
        target = line.split()[1]
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), line


def test_the_journey_has_30_lines() -> None:
    written = next(block for block in blocks(README) if block.file == "workflows/refund.py").text.splitlines()
    assert sum(bool(line.strip()) for line in written) <= 31, "and one that names the file"
