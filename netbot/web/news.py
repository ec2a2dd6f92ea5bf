"""What has changed since a page was shown: asked every half minute, and cheap to answer."""

import hashlib
import json
from dataclasses import asdict

from starlette.responses import JSONResponse, Response

from netbot.web.visit import Visit


def news(visit: Visit) -> Response:
    """The counts of the header, the cards of today, and whether anything was decided or moved.

    Who has seen the same before is told so in a word.
    """
    now = asdict(visit.news)
    tag = f'"{hashlib.sha256(json.dumps(now).encode()).hexdigest()[:16]}"'
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return JSONResponse(now, headers={"ETag": tag})
