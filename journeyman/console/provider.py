"""The identity provider that people sign in with: OpenID Connect, code flow with PKCE.

Source: OpenID Connect Core 1.0 (3.1), Discovery 1.0; RFC 7636. The only module that speaks to the provider.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from journeyman.console.problem import RefusedError
from journeyman.errors import ConfigurationError, UnavailableError
from journeyman.settings import Settings

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_FRESH = timedelta(hours=1)  # how long what the provider says of itself is believed
_LEEWAY = 60  # seconds between its clock and ours
_PATIENCE = 10.0  # seconds


class Begun(BaseModel):
    """A sign-in that has begun: what the browser keeps until it comes back."""

    state: str
    nonce: str
    verifier: str
    next: str


@dataclass
class _Known:
    """What the provider says of itself."""

    metadata: dict[str, Any]
    keys: KeySet
    until: datetime


@dataclass
class Provider:
    """One a process. `issuer` is its address, `claim` the one that holds a person's id."""

    issuer: str
    client_id: str
    client_secret: str | None
    claim: str
    redirect: str
    _known: _Known | None = field(default=None, init=False)

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """The deployment's, where it has one. Raises ConfigurationError without a client id."""
        if settings.oidc_issuer is None:
            return None
        secret = settings.oidc_client_secret
        return cls(
            settings.oidc_issuer.rstrip("/"),
            settings.need("oidc_client_id"),
            secret.get_secret_value() if secret else None,
            settings.oidc_claim,
            f"{settings.console_url.rstrip('/')}/signin/back",
        )

    async def begin(self, next: str, now: datetime) -> tuple[str, Begun]:
        """Where to send the browser, and what it is to keep. Raises UnavailableError, ConfigurationError."""
        known = await self._read(now)
        begun = Begun(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            next=next,
        )
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                known.metadata["authorization_endpoint"],
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(address), begun

    async def finish(self, begun: Begun, code: str, state: str, now: datetime, *, error: str = "") -> str:
        """Whose sign-in it was: a person's id, as the provider vouches for it.

        Raises RefusedError (401) for what it does not vouch for, UnavailableError.
        """
        if not secrets.compare_digest(begun.state.encode(), state.encode()):
            raise _refused("the answer is not to the sign-in that this browser began")
        if error:
            raise _refused("the identity provider has signed nobody in")
        known = await self._read(now)
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    known.metadata["token_endpoint"], code=code, code_verifier=begun.verifier
                )
        except AuthlibBaseError as refused:
            raise _refused(f"the identity provider refuses the code: {refused.error}") from refused
        except httpx2.HTTPError as away:
            raise self._away() from away
        claims = await self._claims(token.get("id_token"), begun.nonce, now)
        person = claims.get(self.claim)
        if not isinstance(person, str) or not person:
            raise _refused(f"the identity provider tells no `{self.claim}`")
        return person

    async def _claims(self, token: object, nonce: str, now: datetime) -> CodeIDToken:
        """What the id token says, once its signature, issuer, audience, nonce and time hold."""
        if not isinstance(token, str):
            raise _refused("the identity provider sent no id token")
        try:
            known = await self._read(now)
            try:
                decoded = jwt.decode(token, known.keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                known = await self._read(now, afresh=True)  # its keys may have turned
                decoded = jwt.decode(token, known.keys, algorithms=_ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self.client_id}},
                {"nonce": nonce, "client_id": self.client_id},
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError) as error:
            raise _refused(f"the id token does not hold: {error}") from error
        return claims

    async def _read(self, now: datetime, *, afresh: bool = False) -> _Known:
        if self._known is not None and not afresh and now < self._known.until:
            return self._known
        try:
            async with httpx2.AsyncClient(timeout=_PATIENCE) as client:
                metadata = (
                    (await client.get(f"{self.issuer}/.well-known/openid-configuration")).raise_for_status().json()
                )
                keys = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
            if metadata["issuer"].rstrip("/") != self.issuer:
                raise ConfigurationError(
                    f"the identity provider calls itself `{metadata['issuer']}`; set JOURNEYMAN_OIDC_ISSUER to that"
                )
            self._known = _Known(metadata, KeySet.import_key_set(keys), now + _FRESH)
        except (httpx2.HTTPError, KeyError, ValueError, JoseError, ValidationError) as error:
            raise self._away() from error
        return self._known

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.client_id,
            self.client_secret,
            scope="openid profile",
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            timeout=_PATIENCE,
        )

    def _away(self) -> UnavailableError:
        return UnavailableError(
            f"the identity provider at `{self.issuer}` does not answer as one; try again, or look at JOURNEYMAN_OIDC_ISSUER"
        )


def _refused(detail: str) -> RefusedError:
    return RefusedError(401, detail, remedy="sign in again")
