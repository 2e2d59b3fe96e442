"""How our tools talk to the providers: with time-outs, idempotency keys, and errors that say whether a retry helps."""

import ssl
from functools import cache
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from journeyman.errors import JourneymanError, UnavailableError

Answer = TypeVar("Answer", bound=BaseModel)

TIMEOUT = httpx2.Timeout(10.0, connect=3.0)


class ProviderUnavailableError(UnavailableError):
    """The provider did not answer, or said that it is away. Retry with the same idempotency key.

    `uncertain`: the request may have been carried out.
    """

    def __init__(self, message: str, *, uncertain: bool) -> None:
        super().__init__(message)
        self.uncertain = uncertain


class ProviderRefusedError(JourneymanError):
    """The provider answered and refused. Final: the same request is refused again. `code` is its stable word; `status` is 0 where
    the request could not even be sent."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, status: int, code: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.missing = missing


class Verified(BaseModel):
    """A session at the bank, for one customer who proved who they are."""

    session: str
    customer: dict[str, str]


class Balance(BaseModel):
    """In whole credits, as the bank has it."""

    bank_name: str
    balance: int


class FraudReport(BaseModel):
    """The bank's reference of a filed report."""

    reference: str


class PaymentLink(BaseModel):
    """A link to pay at the provider, and how it stands: `open` or `paid`."""

    token: str
    amount_minor: int
    currency: str
    reference: str
    status: str
    receipt: str | None = None
    link: str | None = None


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that vouch for providers. Read once a process: it takes longer than most calls."""
    return httpx2.create_ssl_context(trust_env=False)


class _Client:
    def __init__(self, address: str, *, timeout: httpx2.Timeout = TIMEOUT) -> None:
        self._http = httpx2.AsyncClient(base_url=address, timeout=timeout, verify=_trusted(), trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        headers: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Answer:
        """Send one request. Raises ProviderUnavailableError or ProviderRefusedError; never quotes what was sent."""
        what = f"{method} {path.split('/tok_')[0]}"
        try:
            response = await self._http.request(method, path, json=body, headers=headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise ProviderUnavailableError(f"`{what}` found no provider; it is tried again", uncertain=False) from error
        except (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL):
            # from None: the cause quotes the header, which holds the session or what a customer typed
            raise ProviderRefusedError(
                f"`{what}` cannot be sent: the address, session or key has characters that HTTP does not carry",
                status=0,
                code="not_sendable",
            ) from None
        except httpx2.HTTPError as error:
            raise ProviderUnavailableError(
                f"`{what}` got no answer, so it may have been done; try again with the same key", uncertain=True
            ) from error
        if response.status_code in (408, 425, 429) or response.status_code >= 500:
            raise ProviderUnavailableError(
                f"`{what}` was answered with {response.status_code}; try again with the same key",
                uncertain=method != "GET" and response.status_code >= 500,
            )
        try:
            content = response.json()
            if response.is_success:
                return answer.model_validate(content)
            code, missing = str(content.get("error", "refused")), tuple(content.get("missing", ()))
        except (ValueError, ValidationError, AttributeError) as error:
            if response.is_success and method != "GET":  # it has been done; only what came of it cannot be read
                raise ProviderUnavailableError(
                    f"`{what}` was done and answered with something else than agreed; the same key tells it again",
                    uncertain=True,
                ) from error
            raise ProviderRefusedError(
                f"`{what}` was answered with something else than agreed",
                status=response.status_code,
                code="malformed_answer",
            ) from error
        raise ProviderRefusedError(
            f"`{what}` was refused: `{code}`", status=response.status_code, code=code, missing=missing
        )


class BankClient(_Client):
    """The bank."""

    async def verify(
        self,
        *,
        key: str,
        full_name: str,
        account_number: str | None = None,
        pin: str | None = None,
        date_of_birth: str | None = None,
        security_answer_1: str | None = None,
        security_answer_2: str | None = None,
        conversation: str | None = None,
    ) -> Verified:
        """Prove who a customer is. Refused with `incomplete` (and `missing`) or `no_match`. `key`: idempotency key.

        `conversation`: an opaque id that may be used as the session from then on.
        """
        given = {
            "full_name": full_name,
            "account_number": account_number,
            "pin": pin,
            "date_of_birth": date_of_birth,
            "security_answer_1": security_answer_1,
            "security_answer_2": security_answer_2,
            "conversation": conversation,
        }
        body = {name: value for name, value in given.items() if value}
        return await self._send("POST", "/verify", Verified, headers={"Idempotency-Key": key}, body=body)

    async def balance(self, session: str) -> Balance:
        """The balance of the session's account. Refused with `unauthenticated` or `no_balance`."""
        return await self._send("GET", "/balance", Balance, headers={"Authorization": f"Bearer {session}"})

    async def report_fraud(self, session: str, text: str, *, key: str, amount: int | None = None) -> FraudReport:
        """File a report; `amount` in minor units. Refused with `unauthenticated`. `key`: idempotency key."""
        headers = {"Authorization": f"Bearer {session}", "Idempotency-Key": key}
        body = {"text": text} | ({} if amount is None else {"amount": amount})
        return await self._send("POST", "/fraud-reports", FraudReport, headers=headers, body=body)


class PaymentsClient(_Client):
    """The payment provider. It has no method that takes a card: that goes from the customer to the provider."""

    async def create_link(self, amount_minor: int, currency: str, reference: str, *, key: str) -> PaymentLink:
        """A link to pay an amount in minor units. `key`: idempotency key."""
        body = {"amount_minor": amount_minor, "currency": currency, "reference": reference}
        return await self._send("POST", "/links", PaymentLink, headers={"Idempotency-Key": key}, body=body)

    async def link(self, token: str) -> PaymentLink:
        """How the link stands. Refused with `unknown_link`."""
        return await self._send("GET", f"/links/{quote(token, safe='')}", PaymentLink)
