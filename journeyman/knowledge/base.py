"""A base: the articles of a folder that were read, checked and hashed together."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Self

from journeyman.errors import InputError
from journeyman.governance.bundle import digest
from journeyman.knowledge.article import Article

LARGEST = 256 * 1024
"""Bytes of an article's file."""

_PATH = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*\.md")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Base:
    """Articles that can be published. Made by `load`; immutable."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """`files`: {path: text}. Raises InputError for a path that cannot be cited, and for a base of nothing."""
        for path in files:
            if not _PATH.fullmatch(path):
                raise InputError(
                    f"`{path}` cannot be cited; name it with letters, digits, `-`, `_` and `.`", field=path
                )
        self.files: dict[str, str] = {path: _plain(files[path]) for path in sorted(files)}
        self.hash: str = digest(self.files)
        self.articles: tuple[Article, ...] = tuple(Article.parse(path, text) for path, text in self.files.items())
        if not any(article.sections for article in self.articles):
            raise InputError(
                "there is no article in it; write one, `NAME.md` that begins with `# Its title`", field="knowledge"
            )

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The base of a folder: its `*.md`, and those of the folders in it. Raises InputError."""
        root = Path(folder)
        if not root.is_dir():
            raise InputError(
                f"there is no folder `{root}`; name one as `knowledge` in [tool.journeyman]", field="knowledge"
            )
        found = (file for file in sorted(root.rglob("*.md")) if file.is_file())
        return cls({file.relative_to(root).as_posix(): _read(file) for file in found})

    def check(self, kinds: Collection[str] = ()) -> list[str]:
        """What is to be mended, a line each, in the order of the files. `kinds` are the journey kinds that there are; none given:
        any will do."""
        found: list[str] = []
        for article in self.articles:
            found += article.problems
            found += [
                f"{article.path}: there is no journey kind `{kind}`; there are {', '.join(sorted(kinds))}"
                for kind in article.kinds
                if kinds and kind not in kinds
            ]
        return found


def _read(file: Path) -> str:
    if file.stat().st_size > LARGEST:
        raise InputError(f"`{file}` is larger than {LARGEST // 1024} KiB; split it", field="knowledge")
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"`{file}` cannot be read ({error}); save it as UTF-8", field="knowledge") from error


def _plain(text: str) -> str:
    """The text with line ends as `\\n`, and nothing in it that neither Postgres nor an excerpt's marks could bear."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
