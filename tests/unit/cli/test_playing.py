"""What `journeyman demo` plays with."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from journeyman.cli import playing
from journeyman.project import Project


class _PlayedError(Exception):
    """Everything is there, and the play would begin."""


async def test_its_people_may_give_out_the_links_of_its_own_doubles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_links: list[frozenset[str]] = []

    @asynccontextmanager
    async def development(*_: object, **__: object) -> AsyncIterator[dict[str, Any]]:
        yield {"console": "http://127.0.0.1:1"}

    async def play(place: Path, project: Project, *_: object) -> None:
        with_links.append(project.links)
        raise _PlayedError

    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(playing, "development", development)
    monkeypatch.setattr(playing, "_play", play)
    with pytest.raises(_PlayedError):
        await playing.play(tmp_path, None, "bank", None, 1, None, Console(quiet=True), None, as_json=True, serve=False)
    assert with_links == [frozenset({f"{os.environ['PAYMENTS_URL']}/pay"})]
