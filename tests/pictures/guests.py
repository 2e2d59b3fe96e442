"""Customers who come for the pictures, by the API that web sites embed: nobody simulated takes their work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import httpx2

ADDRESS = "/api/v1/chat"
_PAUSE = 0.1
_PATIENCE = 30.0  # seconds until an answer has to be there


class Guest:
    """One of them."""

    def __init__(self, api: httpx2.AsyncClient, name: str) -> None:
        self.name = name
        self.journey = ""
        self._api = api

    async def says(self, *lines: str) -> None:
        """Say these, each when the one before was answered."""
        for text in lines:
            answer = await self._api.post(f"{ADDRESS}/messages", json={"id": uuid4().hex, "text": text})
            answer.raise_for_status()
            self.journey = answer.json()["journey"]
            await self._answered(answer.json()["position"])

    async def wants_a_person(self) -> None:
        """Ask for one."""
        answer = await self._api.post(f"{ADDRESS}/person", json={"id": uuid4().hex})
        answer.raise_for_status()
        self.journey = answer.json()["journey"]
        async with asyncio.timeout(_PATIENCE):
            while not await self._with_people():  # noqa: ASYNC110  there is nothing to be told by
                await asyncio.sleep(_PAUSE)

    async def _answered(self, position: int) -> None:
        async with asyncio.timeout(_PATIENCE):
            while True:
                read = await self._api.get(f"{ADDRESS}/journeys/{self.journey}/messages", params={"after": position})
                if any(line["author"] in ("ai", "person") for line in read.raise_for_status().json()["items"]):
                    return
                if await self._with_people():
                    return
                await asyncio.sleep(_PAUSE)

    async def _with_people(self) -> bool:
        standing = (await self._api.get(ADDRESS)).raise_for_status().json()
        return standing["answers"] in ("waiting", "person")


class House:
    """Where guests come in."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack

    async def comes(self, name: str, *lines: str, kind: str = "bank-service") -> Guest:
        """Somebody begins a chat, and says these."""
        begun = await self._client()
        made = await begun.post(ADDRESS, json={"kind": kind, "name": name, "time_zone": "Europe/London"})
        guest = Guest(await self._client(made.raise_for_status().json()["token"]), name)
        await guest.says(*lines)
        return guest

    async def _client(self, token: str = "") -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx2.AsyncClient(base_url=self._url, headers=headers, trust_env=False)
        return await self._stack.enter_async_context(client)


@asynccontextmanager
async def house(url: str) -> AsyncIterator[House]:
    """For a console with the chat."""
    async with AsyncExitStack() as stack:
        yield House(url, stack)
