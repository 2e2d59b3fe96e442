"""The tools of the two shipped journeys, as far as policies see them: name, mode and arguments."""

from dataclasses import dataclass

from pydantic import BaseModel


class VerifyIdentity(BaseModel):
    full_name: str
    account_number: str | None = None
    pin: str | None = None
    date_of_birth: str | None = None
    security_answer_1: str | None = None
    security_answer_2: str | None = None


class GetBalance(BaseModel):
    pass


class FileFraudReport(BaseModel):
    text: str
    amount_minor: int | None = None


class CreatePaymentLink(BaseModel):
    amount_minor: int
    reference: str


class PaymentStatus(BaseModel):
    token: str


@dataclass(frozen=True)
class Declared:
    """A tool without its function."""

    name: str
    args: type[BaseModel]
    mode: str


SHIPPED = (
    Declared("verify_identity", VerifyIdentity, "idempotent"),
    Declared("get_balance", GetBalance, "read"),
    Declared("file_fraud_report", FileFraudReport, "at_most_once"),
    Declared("create_payment_link", CreatePaymentLink, "idempotent"),
    Declared("payment_status", PaymentStatus, "read"),
)
