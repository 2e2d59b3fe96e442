"""Signing in with an identity provider, over its real protocol; and with one that cheats."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey

from journeyman.console.app import build
from journeyman.console.provider import Provider
from journeyman.errors import ConfigurationError
from journeyman.settings import Settings
from tests.integration.console.identity_provider import CLIENT, SECRET, IdentityProvider, served
from tests.integration.console.site import HERE, Site


@pytest.fixture
async def idp(site: Site) -> AsyncIterator[IdentityProvider]:
    """The provider, and the console set up for it."""
    async with served(int(site.now.timestamp())) as provider:
        provider.claims = {"sub": "sue"}
        settings = Settings.model_validate(
            {
                "console_url": "http://console.test",
                "oidc_issuer": provider.issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret": SECRET,
            }
        )
        site.console = replace(site.console, settings=settings, provider=Provider.of(settings))
        site.app = build(site.console)
        yield provider


async def at_provider(client: httpx2.AsyncClient, next: str = "/wall") -> httpx2.Response:
    """Go to the provider, which sends the browser back at once; returns its answer."""
    sent = await client.get("/signin/provider", params={"next": next})
    assert sent.status_code == 303
    async with httpx2.AsyncClient(verify=False) as browser:
        return await browser.get(sent.headers["location"])


async def sign_in(client: httpx2.AsyncClient, next: str = "/wall") -> httpx2.Response:
    back = urlsplit((await at_provider(client, next)).headers["location"])
    return await client.get(f"{back.path}?{back.query}")


async def test_whom_the_provider_vouches_for_is_signed_in(site: Site, idp: IdentityProvider) -> None:
    async with site.client(headers=HERE) as client:
        assert idp.issuer in (await client.get("/signin")).text
        answer = await sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
        assert (await client.get("/api/v1/tasks")).status_code == 200
    rows = await site.world.rows("select convert_from(body, 'UTF8') as body from entry where type = 'person.signed_in'")
    assert '"auth":"oidc"' in rows[0]["body"]
    assert '"id":"sue"' in rows[0]["body"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.test"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"nonce": "replayed"}, "nonce"),
        ({"exp": 1}, "expired"),
        ({"sub": ""}, "tells no"),
        ({"sub": "mallory"}, "There is no person `mallory`"),
        ({"sub": "&lt;script&gt;"}, "There is no person"),
        ({"sub": "<script>alert(1)</script>"}, "There is no person"),
    ],
)
async def test_nobody_else_is(site: Site, idp: IdentityProvider, claims: dict[str, Any], why: str) -> None:
    idp.claims |= claims
    async with site.client(headers=HERE) as client:
        answer = await sign_in(client)
        assert answer.status_code in (401, 404)
        assert why in answer.text
        assert "<script>alert" not in answer.text
        assert (await client.get("/api/v1/tasks")).status_code == 401


async def test_a_token_that_the_provider_did_not_sign_is_refused(site: Site, idp: IdentityProvider) -> None:
    idp.key = RSAKey.generate_key(2048, {"kid": "1"})
    async with site.client(headers=HERE) as client:
        assert "The id token does not hold" in (await sign_in(client)).text


async def test_keys_that_have_turned_are_read_again(site: Site, idp: IdentityProvider) -> None:
    async with site.client(headers=HERE) as client:
        assert (await sign_in(client)).status_code == 303
        idp.key = idp.told = RSAKey.generate_key(2048, {"kid": "1"})
        assert (await sign_in(client)).status_code == 303


async def test_an_answer_to_another_browser_s_sign_in_is_refused(site: Site, idp: IdentityProvider) -> None:
    async with site.client(headers=HERE) as attacker, site.client(headers=HERE) as victim:
        back = urlsplit((await at_provider(attacker)).headers["location"])
        planted = f"{back.path}?{back.query}"
        assert "No sign-in has begun in this browser" in (await victim.get(planted)).text
        await victim.get("/signin/provider")
        for answer in (planted, "/signin/back?code=x&state=%C3%A9"):
            assert "The answer is not to the sign-in that this browser began" in (await victim.get(answer)).text
            await victim.get("/signin/provider")
        assert (await victim.get("/api/v1/tasks")).status_code == 401


async def test_a_code_counts_once(site: Site, idp: IdentityProvider) -> None:
    async with site.client(headers=HERE) as client:
        back = urlsplit((await at_provider(client)).headers["location"])
        kept = dict(client.cookies)
        assert (await client.get(f"{back.path}?{back.query}")).status_code == 303
        async with site.client(headers=HERE, cookies=kept) as again:
            assert "The identity provider refuses the code" in (await again.get(f"{back.path}?{back.query}")).text


async def test_a_provider_that_signs_nobody_in_is_told(site: Site, idp: IdentityProvider) -> None:
    async with site.client(headers=HERE) as client:
        sent = await client.get("/signin/provider")
        state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
        refused = await client.get("/signin/back", params={"error": "access_denied", "state": state})
        assert "has signed nobody in" in refused.text


async def test_a_provider_that_is_away_is_told_and_tried_again(site: Site) -> None:
    settings = Settings.model_validate({"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT})
    site.console = replace(site.console, settings=settings, provider=Provider.of(settings))
    site.app = build(site.console)
    async with site.client(headers=HERE) as client:
        answer = await client.get("/signin/provider")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_an_issuer_without_a_client_is_no_configuration() -> None:
    with pytest.raises(ConfigurationError, match="JOURNEYMAN_OIDC_CLIENT_ID"):
        Provider.of(Settings.model_validate({"oidc_issuer": "https://idp.test"}))
