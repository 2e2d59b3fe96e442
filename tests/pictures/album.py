"""Where the pictures are kept, and what each is of."""

import base64
from pathlib import Path
from typing import Final

from playwright.async_api import CDPSession, Page

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
LARGEST: Final = 60_000
"""Bytes of one picture."""
LARGEST_ALBUM: Final = 500_000
"""Bytes of all of them."""

NAMES: Final = (
    "signin",
    "chat",
    "desk",
    "task",
    "task-dark",
    "approval",
    "wall",
    "journeys",
    "trace",
    "policies",
)
"""Each is `NAME.webp`, kept by one of `scenes.py`."""

_QUALITIES: Final = (80, 70, 60, 50, 40, 30)


def file_of(name: str) -> Path:
    """Where a picture is kept."""
    return PICTURES / f"{name}.webp"


async def keep(page: Page, name: str) -> Path:
    """Keep what the page shows in its window, as well as fits into `LARGEST`."""
    file = file_of(name)
    for quality in _QUALITIES:
        taken = await _taken(page, quality)
        if len(taken) <= LARGEST:
            file.write_bytes(taken)
            return file
    raise ValueError(f"`{name}` takes more than {LARGEST} bytes at the least quality; show less of the page")


async def _taken(page: Page, quality: int) -> bytes:
    """By the browser itself, which writes WebP."""
    session: CDPSession = await page.context.new_cdp_session(page)
    try:
        answer = await session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
    finally:
        await session.detach()
    return base64.b64decode(answer["data"])
