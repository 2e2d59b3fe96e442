"""`missing-delivery`: an AI agent traces what did not arrive, and a person decides what the customer gets for it."""
