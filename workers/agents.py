"""Runs AI agents: their turns and tool calls. `python -m workers.agents`."""

from journeyman.temporal.worker import main

if __name__ == "__main__":
    main("agents")
