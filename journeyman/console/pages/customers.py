"""Customers: find one by what they say of themselves, all of one that policy shows, and a new case for them."""

from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import Response

from journeyman.console.api.journeys import opened as open_case
from journeyman.console.asked import Asked
from journeyman.console.form import filled, form_of, posted, rearranges
from journeyman.console.pages.explaining import explained
from journeyman.console.pages.page import Posted, Shown, go, render
from journeyman.console.pages.sheet import items_of
from journeyman.console.pages.telling import teller
from journeyman.console.pages.work import Items, Work
from journeyman.console.problem import Problem
from journeyman.console.words import CustomerId, Name
from journeyman.customers import identifiers
from journeyman.errors import ConflictError, DeniedError, InputError
from journeyman.views import customers, inbox, journeys
from journeyman.views.customers import FoundCustomer, Opening
from journeyman.views.labels import names_of

router = APIRouter(prefix="/customers", include_in_schema=False)

PREFIX: Final = "input"
"""Stands before each name of a case's form in the page."""
_JOURNEYS: Final = 100

Kind = Annotated[Name, Path(description="The kind of the journey.")]


@router.get("")
async def ask(asked: Shown) -> Response:
    """The page to find somebody."""
    return await _found(asked, None)


@router.post("")
async def find(asked: Shown, text: Annotated[str, Form()] = "", kind: Annotated[str, Form()] = "") -> Response:
    """Those whom it fits. What is sought stands in no address, and that it was sought on the record."""
    sought = text.replace("\0", "").strip()
    try:
        found = await customers.find(asked.desk, asked.person, sought, kind=kind or None, **asked.deed)
    except (InputError, DeniedError) as error:
        return await _found(asked, None, sought, kind, problem=await explained(asked.console, error))
    return await _found(asked, found, sought, kind)


@router.get("/{customer}")
async def show(asked: Shown, customer: CustomerId, opened: Name | None = None) -> Response:
    """All of one, field by field as policy allows; the look is recorded. `opened` is the case that led here."""
    page = await customers.show(asked.desk, customer, asked.person, **asked.deed)
    tasks = await inbox.of_customers(asked.desk, asked.person, [customer], closed=False, now=asked.now)
    linked = await _linked(asked, customer)
    kinds: list[tuple[str, str]] = []
    with suppress(DeniedError, ConflictError):  # who may open none, and who is erased, has no choice
        await _opening(asked, customer)
        kinds = [(kind, asked.console.project.definition(kind).title) for kind in sorted(asked.console.project.newest)]
    return render(
        asked,
        "customers/one.html",
        here="/customers",
        customer=page,
        tasks=tasks,
        linked=linked,
        kinds=kinds,
        opened=opened,
        told=await teller(asked, [task.assignee for task in tasks]),
    )


@router.get("/{customer}/cases/{kind}")
async def begin(asked: Shown, customer: CustomerId, kind: Kind) -> Response:
    """The form of a new case: what its kind may begin with."""
    opening = await _opening(asked, customer)
    return _case(asked, customer, kind, opening, _work(asked, kind, opening))


@router.post("/{customer}/cases/{kind}")
async def start(
    request: Request, asked: Posted, customer: CustomerId, kind: Kind, channel: Annotated[Name, Form()] = "chat"
) -> Response:
    """Open it. What does not fit is told at its field, and nothing typed is lost."""
    opening, items = await _opening(asked, customer), await items_of(request)
    work = _work(asked, kind, opening, items)
    if rearranges(items):  # without scripts, a button of the form leads here
        return _case(asked, customer, kind, opening, work, channel, unfolded=True)
    try:
        _known(channel, opening)
        row = await open_case(asked, kind=kind, customer=customer, channel=channel, input=work.result())
    except InputError as error:
        if error.field != "channel":  # which is no field of the kind's
            work.blamed(error)
        return _case(asked, customer, kind, opening, work, channel, problem=await explained(asked.console, error))
    if row.id in await _linked(asked, customer):
        return go(request, f"/journeys/{row.id}")
    return go(request, f"/customers/{customer}?opened={row.id}")  # nobody of their team works on it yet


@router.post("/{customer}/cases/{kind}/form")
async def arrange(request: Request, asked: Shown, customer: CustomerId, kind: Kind) -> Response:
    """The form with a row more or less."""
    work = _work(asked, kind, await _opening(asked, customer), await items_of(request))
    return render(asked, "customers/fields.html", work=work, url=_url(customer, kind))


async def _found(
    asked: Asked,
    found: list[FoundCustomer] | None,
    sought: str = "",
    kind: str = "",
    *,
    problem: Problem | None = None,
) -> Response:
    ids = [each.id for each in found or ()]
    async with asked.console.database.connection() as conn:
        numbered, channels = await identifiers.kinds(conn)
    return render(
        asked,
        "customers.html",
        status=problem.status if problem else 200,
        here="/customers",
        found=found,
        names=await names_of(asked.desk, asked.person, ids, now=asked.now),
        most=identifiers.MOST,
        sought=sought,
        kind=kind,
        kinds=list(dict.fromkeys(numbered + channels)),
        problem=problem,
        told=await teller(asked, ()),
    )


def _case(
    asked: Asked,
    customer: str,
    kind: str,
    opening: Opening,
    work: Work,
    channel: str = "",
    *,
    problem: Problem | None = None,
    unfolded: bool = False,
) -> Response:
    """Its form is folded away where nothing in it must be filled in."""
    wanted = any(each.field.must for each in work.page.parts)
    return render(
        asked,
        "customers/case.html",
        status=problem.status if problem else 200,
        here="/customers",
        customer=customer,
        kind=kind,
        title=asked.console.project.definition(kind).title,
        channels=opening.channels,
        channel=channel,
        work=work,
        url=_url(customer, kind),
        unfolded=unfolded or wanted or bool(work.page.problems()),
        problem=problem,
    )


def _work(asked: Asked, kind: str, opening: Opening, typed: Items | None = None) -> Work:
    """The form of a case: as it was typed, else with the defaults of its kind. Raises NotFoundError."""
    form = form_of(asked.console.project.definition(kind).state, prefix=PREFIX, zone=opening.time_zone)
    return Work(form, posted(form, typed) if typed is not None else filled(form))


def _known(channel: str, opening: Opening) -> None:
    if channel not in opening.channels:
        raise InputError(f"they have no `{channel}`; choose one of {', '.join(opening.channels)}", field="channel")


async def _opening(asked: Asked, customer: str) -> Opening:
    return await customers.opening(asked.desk, customer, asked.person, **asked.deed)


async def _linked(asked: Asked, customer: str) -> frozenset[str]:
    """Those of their journeys whose page the person may open."""
    found = await journeys.search(asked.desk, asked.person, journeys.Search(customer=customer, limit=_JOURNEYS))
    return frozenset(row.id for row in found)


def _url(customer: str, kind: str) -> str:
    return f"/customers/{customer}/cases/{kind}"
