"""The page: the queue in a browser, for whoever has the password.

Reading changes nothing; deciding is a POST from one of our own forms.
"""

from netbot.web.app import create
from netbot.web.serving import serve, set_up

__all__ = ["create", "serve", "set_up"]
