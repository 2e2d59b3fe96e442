"""Debian's Chromium, driven by Playwright."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parents[3]
CHROMIUM = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
"""Where it may be; of two the one without a window, which is quicker."""

_ALONE = (  # nothing of it speaks to anyone but the console
    "--no-sandbox",  # root, as continuous integration is, has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The browser, installed where it is not there yet and may be."""
    executable = await asyncio.to_thread(_installed)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, headless=True, args=_ALONE)
        try:
            yield browser
        finally:
            await browser.close()


def _installed() -> Path:
    installing = subprocess.run([ROOT / "scripts" / "browser"], capture_output=True, text=True, check=False)
    if installing.returncode != 0:
        pytest.fail(f"the browser tests need Chromium: {installing.stderr.strip()}")
    return next(path for path in CHROMIUM if path.exists())
