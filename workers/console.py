"""Serves the console: pages and REST API. `python -m workers.console`."""

from journeyman.console.serve import main

if __name__ == "__main__":
    main()
