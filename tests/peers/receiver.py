"""A client's site that takes webmentions by PyPI's webmentions, in the peers' environment.

``receiver.py PORT FOLDER``: one post at /posts/1, a feed of it at /feed.xml.
"""

import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from webmentions import WebmentionsHandler
from webmentions.server.adapters.fastapi import bind_webmentions
from webmentions.storage.adapters.db import init_db_storage

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Erlengrund</title>
<item><guid>{home}/posts/1</guid><link>{home}/posts/1</link><title>Größere Räume</title>
<description>Wir sind umgezogen.</description></item></channel></rss>"""


def build(port: int, folder: str) -> FastAPI:
    """The site, which keeps what it takes in ``folder``."""
    home = f"http://127.0.0.1:{port}"
    site = FastAPI()
    storage = init_db_storage(engine=f"sqlite:///{folder}/mentions.db")
    bind_webmentions(
        site, WebmentionsHandler(storage=storage, base_url=home, ssrf_protection=False)
    )

    def feed() -> Response:
        return Response(FEED.format(home=home), media_type="application/rss+xml")

    def post() -> HTMLResponse:
        return HTMLResponse("<h1>Größere Räume</h1><p>Wir sind umgezogen.</p>")

    site.get("/feed.xml")(feed)
    site.get("/posts/1")(post)
    return site


if __name__ == "__main__":
    uvicorn.run(build(int(sys.argv[1]), sys.argv[2]), port=int(sys.argv[1]), log_level="error")
