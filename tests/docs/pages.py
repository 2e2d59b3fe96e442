"""The pages of the documentation, taken apart."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "policies").glob("*.md")]
)

_BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"\A(?:#|//) ([\w./-]+\.\w+)\n")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: Path
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that its first line names: `# workflows/refund.py`."""
        match = _FILE.match(self.text)
        return match[1] if match else None


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """A page's blocks, of one language or all."""
    found = [Block(page, match[1], match[2]) for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]
    return [block for block in found if language in (None, block.language)]


def prose(page: Path) -> str:
    """A page without its blocks."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def by_itself(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a module in a folder, with this Python and nothing else of this repository or its environment."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("JOURNEYMAN_", "OPENAI_", "PYTHON", "PYTEST_"))
    }
    return subprocess.run(
        [sys.executable, "-P", "-m", *command],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
