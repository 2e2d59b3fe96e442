"""Runs journeys: workflows and their local activities. `python -m workers.journeys`."""

from journeyman.temporal.worker import main

if __name__ == "__main__":
    main("journeys")
