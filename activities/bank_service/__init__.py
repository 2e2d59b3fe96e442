"""What `bank-service` acts with: its AI agents, their tools, and the scripts by which the stand-in model plays them."""
