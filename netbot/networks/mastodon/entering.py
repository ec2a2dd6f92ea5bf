"""Being let in: an app is registered, the human grants it in the browser, its code buys a token.

docs.joinmastodon.org/client/authorized
"""

import json
from typing import TYPE_CHECKING

from netbot.model import Refused
from netbot.network import Grant, Guide
from netbot.networks.mastodon.asking import Asker
from netbot.text import mark

if TYPE_CHECKING:
    from mastodon import Mastodon as Api

#: What netbot needs, and no more (docs.joinmastodon.org/api/oauth-scopes).
SCOPES = (
    "read:accounts",
    "read:notifications",
    "read:search",
    "read:statuses",
    "write:favourites",
    "write:statuses",
)

#: How one comes by a token by hand.
GUIDE = Guide(
    steps=(
        mark("Open {server}/settings/applications and choose “New application”."),
        mark(
            "Call it netbot. It needs these rights: read:accounts read:notifications read:search"
            " read:statuses write:favourites write:statuses."
        ),
        mark("Save, open the application, and copy “Your access token”."),
    ),
    secret=mark("the access token"),
    handle=r"@[A-Za-z0-9_]+([.-]+[A-Za-z0-9_]+)*@[A-Za-z0-9.-]+(:[0-9]+)?",
    example="@you@social.example",
)

#: The server shows the code instead of sending it to some address.
_SHOWN = "urn:ietf:wg:oauth:2.0:oob"


def begin(asker: Asker, base: str) -> Grant:
    """Register netbot at a server, for one person. Raises a ``NetworkError``."""

    def register(api: "Api") -> Grant:
        app = api.create_app(
            "netbot",
            scopes=list(SCOPES),
            redirect_uris=_SHOWN,
            api_base_url=base,
            session=api.session,
            request_timeout=api.request_timeout,
            user_agent=api.user_agent,
        )
        api.client_id, api.client_secret = app
        url = api.auth_request_url(redirect_uris=_SHOWN, scopes=list(SCOPES), skip_server_info=True)
        return Grant(url=url, memo=json.dumps(app))

    return asker.ask(base, register)


def end(asker: Asker, base: str, memo: str, code: str) -> str:
    """The token that a code is worth. Raises a ``NetworkError``."""

    def log_in(api: "Api") -> str:
        api.client_id, api.client_secret = json.loads(memo)
        # An exchange is one request: the library asks nothing before it or after it.
        vars(api).update(oauth_authorization_server_info=dict, retrieve_mastodon_version=str)
        token: str = api.log_in(
            code=code.strip(), redirect_uri=_SHOWN, scopes=list(SCOPES), allow_http=True
        )
        return token

    try:
        return asker.ask(base, log_in)
    except Refused as error:
        raise Refused(
            f"{base} does not take this code: each is good once, and not for long. Begin anew."
        ) from error
