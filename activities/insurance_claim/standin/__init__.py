"""The scripts by which the stand-in model plays the three AI agents of `insurance-claim`. Pure and deterministic."""

from activities.insurance_claim.standin.assessing import assessor
from activities.insurance_claim.standin.filling import form_filler
from activities.insurance_claim.standin.paying import payments

__all__ = ["assessor", "form_filler", "payments"]
