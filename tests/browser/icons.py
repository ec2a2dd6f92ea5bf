"""Makes the icons of the installed page from icon.svg: ``python -m tests.browser.icons``."""

from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.check.tree import ROOT

FOLDER = ROOT / "netbot" / "web" / "static"
SIZES = (192, 512)  # pixels; what browsers ask of an installable page


def draw(browser: Browser, size: int) -> bytes:
    """The icon as PNG, with its corners left transparent."""
    page = browser.new_page(viewport={"width": size, "height": size})
    page.goto(f"{(FOLDER / 'icon.svg').as_uri()}")
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


if __name__ == "__main__":
    with chromium() as started:
        for each in SIZES:
            (FOLDER / f"icon-{each}.png").write_bytes(draw(started, each))
