"""Make the pictures: start the demo, look at it with a browser, keep what is seen in `docs/pictures`."""

import asyncio
import tempfile
from pathlib import Path

from tests.acceptance.browser.chromium import launched
from tests.acceptance.demo.serving import Demo
from tests.pictures.album import NAMES, PICTURES, file_of
from tests.pictures.guests import house
from tests.pictures.scenes import Sitting, play

_PLAYED = 60  # seconds for what stands on the pages before the evening begins


async def main() -> None:
    """Make all of them, on a demo of our own."""
    PICTURES.mkdir(exist_ok=True)
    for name in NAMES:
        file_of(name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder) / "demo", deadline=_PLAYED)
        try:
            await demo.start()
            async with launched() as browser, house(demo.url) as guests:
                await play(Sitting(browser, demo.url, guests))
            await demo.interrupt()
        finally:
            await demo.remove()
    made = {name: file_of(name).stat().st_size for name in NAMES}
    print("\n".join(f"{size:>7,} bytes  {file_of(name)}" for name, size in made.items()))


if __name__ == "__main__":
    asyncio.run(main())
