"""`bank-service`: an AI agent authenticates the customer, tells a balance, takes a fraud report; people when it matters."""
