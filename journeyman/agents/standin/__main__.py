"""`python -m journeyman.agents.standin --port 0 [--project DIR]`: writes its base URL as its first line, then serves."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from journeyman.agents.standin.server import serve_standin


async def _serve(port: int, project: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve_standin(port=port, project=project) as served:
        sys.stdout.write(f"{served.base_url}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Runs it until a signal."""
    parser = argparse.ArgumentParser(prog="python -m journeyman.agents.standin", description="The stand-in model.")
    parser.add_argument("--port", type=int, default=0, help="on loopback; 0 takes a free one (default)")
    parser.add_argument("--project", type=Path, default=Path.cwd(), help="folder that scripts are imported from")
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.project))


if __name__ == "__main__":
    main()
