"""What a phone or a desktop needs to install the page, and to share addresses with it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from netbot.text import translator
from netbot.web.visit import Site

#: The colours of the page behind everything, light and dark, as in page.css.
PAPER, NIGHT = "#f6f3ec", "#181715"


def manifest(site: Site) -> Callable[[Request], Response]:
    """The endpoint (w3.org/TR/appmanifest and, for sharing, w3c.github.io/web-share-target)."""
    front = f"{site.root}/"
    described = translator(site.language).get("The few good words a day that are yours to say.")
    told = {
        "id": front,
        "name": "netbot",
        "short_name": "netbot",
        "description": described,
        "lang": site.language,
        "start_url": front,
        "scope": front,
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [_icon(front, size) for size in ("192", "512")]
        + [{"src": f"{front}static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        "share_target": {
            "action": f"{front}add",
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }

    def endpoint(_request: Request) -> Response:
        return JSONResponse(told, media_type="application/manifest+json")

    return endpoint


def _icon(front: str, size: str) -> dict[str, str]:
    return {
        "src": f"{front}static/icon-{size}.png",
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": "any",
    }
