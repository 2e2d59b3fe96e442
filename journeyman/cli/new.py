"""`new`: lays out a team's own project."""

import json
import re
import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlparse

import typer

from journeyman.cli import output
from journeyman.cli.options import AsJson
from journeyman.errors import ConfigurationError, InputError

TEMPLATE = Path(__file__).parent / "template"
_RENAMED = {"gitignore": ".gitignore"}
_FILLED = frozenset({"pyproject.toml", "Makefile", "README.md"})


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(new)


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new or empty.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Lay out a project: one small journey with an AI step and a human step, its policy, its tests, the same two commands.

    Example: `journeyman new shop-care`
    """
    files = lay_out(folder)
    told = {"folder": str(folder.resolve()), "files": files}
    output.emit(
        told,
        lambda: (
            f"{len(files)} files in {folder}; go on with\n  cd {folder}\n  make demo\n  make test\nand read README.md"
        ),
        as_json=as_json,
    )


def lay_out(folder: Path) -> list[str]:
    """Write the template's files; returns their names. Raises InputError for a folder that holds something."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"`{folder}` is a file; name a folder that is new or empty", field="folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(
            f"`{folder}` is not empty, and nothing in it is overwritten; name another folder", field="folder"
        )
    filled = {"name": _name(folder), "requirement": requirement()}
    written = []
    try:
        for source in sorted(TEMPLATE.rglob("*")):
            if source.is_dir() or "__pycache__" in source.parts:
                continue
            place = source.relative_to(TEMPLATE)
            target = folder / place.with_name(_RENAMED.get(place.name, place.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            if source.name in _FILLED:
                _fill(target, filled)
            written.append(str(target.relative_to(folder)))
    except OSError as error:
        raise InputError(f"`{folder}` cannot be written ({error}); name another folder", field="folder") from error
    return written


def requirement() -> str:
    """What pip installs this very Journeyman from: a version of the index, or the folder, archive or repository of its own
    installation."""
    try:
        installed = distribution("journeyman")
    except PackageNotFoundError as error:
        raise ConfigurationError(
            "journeyman runs without being installed, so a project could not depend on it; run `pip install .` first"
        ) from error
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    url = str(origin.get("url", ""))
    if not url:
        return f"journeyman[testing]=={installed.version}"
    if "vcs_info" in origin:
        info = origin["vcs_info"]
        return f"journeyman[testing] @ {info['vcs']}+{url}@{info['commit_id']}"
    if url.startswith("file://"):
        return f"{unquote(urlparse(url).path)}[testing]"
    return f"journeyman[testing] @ {url}"


def _name(folder: Path) -> str:
    """A name for the project, from its folder's."""
    return re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "journeys"


def _fill(file: Path, values: dict[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    file.write_text(text, encoding="utf-8")
