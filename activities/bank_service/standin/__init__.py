"""The scripts by which the stand-in model plays the four AI agents of `bank-service`. Pure and deterministic."""

from activities.bank_service.standin.scripts import authenticator, fraud_desk, receptionist, teller

__all__ = ["authenticator", "fraud_desk", "receptionist", "teller"]
