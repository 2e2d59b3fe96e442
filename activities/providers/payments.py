"""A payment provider: it makes secure links, and takes the card itself, so that no card number comes near us.

python -m activities.providers.payments --port 0 --log payments.jsonl
"""

import html
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

import typer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from activities.providers.journal import DEFAULT_KEY, Journal, read
from activities.providers.serving import Desk, address_of, application, error, listen, serve
from journeyman.conversation.cards import is_card

DECLINED = "4000000000000002"
"""The test number that is always declined."""


@dataclass
class Link:
    """One request for payment."""

    token: str
    amount_minor: int
    currency: str
    reference: str
    status: str = "open"
    receipt: str | None = None

    def shown(self) -> dict[str, Any]:
        return {
            name: getattr(self, name)
            for name in ("token", "amount_minor", "currency", "reference", "status", "receipt")
        }


@dataclass
class Payments:
    """The links, and what was paid."""

    desk: Desk
    address: str
    links: dict[str, Link] = field(default_factory=dict)

    def recall(self, lines: Iterable[dict[str, Any]]) -> None:
        """Go on from the log, which says of each link all but its reference."""
        for line in lines:
            if line["event"] == "link":
                link = self.links[line["token"]] = Link(line["token"], line["amount_minor"], line["currency"], "")
                self.desk.recall("/links", line, 201, self._made(link))
            elif line["event"] == "paid":
                link = self.links[line["token"]]
                link.status, link.receipt = "paid", line["receipt"]

    def request(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A new link to pay an amount in minor units."""
        amount, currency, reference = body.get("amount_minor"), body.get("currency"), body.get("reference")
        fits = isinstance(amount, int) and amount > 0 and isinstance(reference, str) and reference.strip() != ""
        if not fits or not isinstance(currency, str) or len(currency) != 3 or not currency.isalpha():
            self.desk.journal.write("malformed", path="/links", key=body["_key"])
            return 400, {
                "error": "malformed",
                "message": "`amount_minor` is a positive integer, `currency` has three letters, `reference` is not empty",
            }
        link = Link(f"tok_{secrets.token_urlsafe(18)}", int(amount or 0), currency.upper(), str(reference))
        self.links[link.token] = link
        self.desk.journal.write(
            "link",
            key=body["_key"],
            content=body["_content"],
            token=link.token,
            amount_minor=amount,
            currency=link.currency,
        )
        return 201, self._made(link)

    def _made(self, link: Link) -> dict[str, Any]:
        return {"link": f"{self.address}/pay/{link.token}", **link.shown()}

    def pay(self, token: str, card: str) -> tuple[int, dict[str, Any]]:
        """The customer pays a link with a card."""
        link = self.links.get(token)
        digits = "".join(char for char in card if char.isdigit())
        facts = {"token": token, "card": self.desk.journal.fingerprints({"card": digits}).get("card")}
        if link is None:
            self.desk.journal.write("unknown_link", **facts)
            return 404, {"error": "unknown_link", "message": "no such link"}
        if link.status == "paid":
            self.desk.journal.write("paid_already", **facts)
            return 409, {"error": "paid_already", "message": "this link was paid", "receipt": link.receipt}
        if not is_card(digits) or digits == DECLINED:
            self.desk.journal.write("declined", **facts)
            return 402, {"error": "declined", "message": "the card was declined; try another one"}
        link.status, link.receipt = "paid", f"rcp_{secrets.token_hex(8)}"
        self.desk.journal.write(
            "paid", receipt=link.receipt, amount_minor=link.amount_minor, currency=link.currency, **facts
        )
        return 200, {"receipt": link.receipt, "amount_minor": link.amount_minor, "currency": link.currency}


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pay</title>
<h1>{title}</h1><p>A double of a payment provider: use test card numbers only.</p>{form}</html>"""
_FORM = """<form method="post"><label>Card number <input name="card" autocomplete="cc-number" inputmode="numeric" required>
</label> <button>Pay</button></form>"""


def app(payments: Payments) -> Starlette:
    """The provider's HTTP interface, and the page that a link leads to."""

    async def create(request: Request) -> Response:
        return await payments.desk.once(request, "/links", payments.request)

    async def status(request: Request) -> Response:
        link = payments.links.get(request.path_params["token"])
        return JSONResponse(link.shown()) if link else error(404, "unknown_link", "no such link")

    async def pay(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict) or not isinstance(body.get("card"), str):
            return error(400, "malformed", "send a JSON object with `card`")
        code, answer = payments.pay(request.path_params["token"], body["card"])
        return JSONResponse(answer, code)

    async def page(request: Request) -> Response:
        token = request.path_params["token"]
        link = payments.links.get(token)
        if link is None:
            return HTMLResponse(_PAGE.format(title="There is no such payment", form=""), 404)
        amount = html.escape(f"{link.amount_minor // 100}.{link.amount_minor % 100:02} {link.currency}")
        if request.method == "POST":
            card = parse_qs((await request.body()).decode(errors="replace")).get("card", [""])[0]
            code, answer = payments.pay(token, card)
            title = f"Paid: {amount}" if code == 200 else html.escape(str(answer["message"]))
            return HTMLResponse(_PAGE.format(title=title, form="" if code in (200, 409) else _FORM), code)
        return HTMLResponse(
            _PAGE.format(title=f"Pay {amount}", form=_FORM if link.status == "open" else "<p>Paid.</p>")
        )

    return application(
        payments.desk,
        [
            Route("/links", create, methods=["POST"]),
            Route("/links/{token}", status, methods=["GET"]),
            Route("/links/{token}/pay", pay, methods=["POST"]),
            Route("/pay/{token}", page, methods=["GET", "POST"]),
        ],
    )


def main(
    log: Annotated[Path, typer.Option(help="its log: JSON lines, appended")],
    port: Annotated[int, typer.Option(help="0: a free one")] = 0,
    hash_key: Annotated[str, typer.Option(help="the key of the fingerprints in the log")] = DEFAULT_KEY,
) -> None:
    """Run the payment provider on loopback until terminated."""
    listening = listen(port)
    payments = Payments(Desk(Journal(log, "payments", hash_key)), address_of(listening))
    payments.recall(read(log))
    serve(app(payments), listening, {"provider": "payments"})


if __name__ == "__main__":
    typer.run(main)
