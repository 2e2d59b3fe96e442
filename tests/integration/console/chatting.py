"""Customers who chat by the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from tests.integration.console.site import Site


async def begun(site: Site, **more: str) -> str:
    """A chat of somebody new; returns its token."""
    async with site.client() as client:
        answer = await client.post("/api/v1/chat", json={"kind": "bank-service"} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@asynccontextmanager
async def chatting(site: Site, **more: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A new customer's program."""
    async with site.client(headers={"Authorization": f"Bearer {await begun(site, **more)}"}) as client:
        yield client
