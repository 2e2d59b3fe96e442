"""Customers: find one by what they say of themselves, see one as policy allows, open a case for one."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, JsonValue

from journeyman.console.api.journeys import opened
from journeyman.console.asked import Reads, Writes, asks
from journeyman.console.cursor import Listed
from journeyman.console.words import Body, CustomerId, Name
from journeyman.customers.identifiers import LONGEST
from journeyman.customers.journeys import JourneyRow
from journeyman.views import customers
from journeyman.views.customers import CustomerPage, FoundCustomer

router = APIRouter(prefix="/customers", tags=["customers"])


class Sought(Body):
    """A name, a policy or account number, an address. `kind` narrows it to one of these: `name`, `policy`, `chat`, ..."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*$")]
    kind: Name | None = None


class Case(Body):
    """What it is about. Its channel is where the customer is answered."""

    kind: Name
    channel: Name = "chat"
    input: JsonValue = None
    linked_from: Name | None = None
    reopens: Name | None = None


@router.post("/find", **asks("find", "Deployment"))
async def find(asked: Reads, given: Sought) -> Listed[FoundCustomer]:
    """Those whom it fits and whom the person may see, at most twenty. The search is recorded; what is sought stands in no URL."""
    found = await customers.find(asked.desk, asked.person, given.text, kind=given.kind, **asked.deed)
    return Listed(items=found)


@router.get("/{customer}", **asks("view", "Customer"))
async def show(asked: Reads, customer: CustomerId) -> CustomerPage:
    """One of them, field by field as policy allows. The look is recorded."""
    return await customers.show(asked.desk, customer, asked.person, **asked.deed)


@router.post("/{customer}/journeys", status_code=201, **asks("open_case", "Customer"))
async def start(asked: Writes, customer: CustomerId, given: Case) -> JourneyRow:
    """Start a journey for one: the newest version of its kind."""
    fields = {name: getattr(given, name) for name in Case.model_fields}
    return await opened(asked, customer=customer, **fields)
