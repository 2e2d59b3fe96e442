"""A console on the small world of the tests of tasks, and people who are signed in to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from journeyman.console import identity
from journeyman.console.app import build
from journeyman.console.asked import Console
from journeyman.project import Project
from journeyman.settings import Settings
from tests.integration.tasks.world import CLI, NOW, World

PROJECT = Project.load(Path(__file__).parents[3])
HERE = {"Sec-Fetch-Site": "same-origin"}


class Site:
    """The application, and whoever uses it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = NOW
        settings = Settings(console_url="http://console.test")
        self.console = Console(settings, PROJECT, world.desk, chat=True, clock=lambda: self.now)
        self.app: FastAPI = build(self.console)

    def client(self, **more: Any) -> httpx2.AsyncClient:
        """Nobody's."""
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url="http://console.test", **more)

    @asynccontextmanager
    async def signed_in(self, person: str) -> AsyncIterator[httpx2.AsyncClient]:
        """A person's browser: it tells where its requests come from."""
        secret = await identity.sign_in(self.world.desk, person, auth="picker", now=self.now)
        async with self.client(cookies={self.console.cookie: secret}, headers=HERE) as client:
            yield client

    @asynccontextmanager
    async def program(self, person: str, *scopes: str) -> AsyncIterator[httpx2.AsyncClient]:
        """A program with a person's token."""
        _, secret = await identity.make_token(
            self.world.desk, person, "a test", frozenset(scopes), by=CLI, now=self.now
        )
        async with self.client(headers={"Authorization": f"Bearer {secret}"}) as client:
            yield client
