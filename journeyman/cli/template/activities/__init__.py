"""What the journeys act with: AI agents and their tools. I/O is here."""
