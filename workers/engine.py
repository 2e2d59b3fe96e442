"""Runs the engine: outbox, task clocks, ledger integration, checkpoints. `python -m workers.engine`."""

from journeyman.temporal.worker import main

if __name__ == "__main__":
    main("engine")
