"""The tools of the two shipped journeys, and tools that are declared for a test alone."""

from dataclasses import dataclass

from pydantic import BaseModel

from activities.bank_service.tools import file_fraud_report, get_balance, verify_identity
from activities.insurance_claim.tools import create_payment_link, payment_status
from journeyman.agents import search_knowledge

SHIPPED = (verify_identity, get_balance, file_fraud_report, create_payment_link, payment_status, search_knowledge)


@dataclass(frozen=True)
class Declared:
    """A tool without its function: name, mode and arguments, as far as policies see it."""

    name: str
    args: type[BaseModel]
    mode: str
