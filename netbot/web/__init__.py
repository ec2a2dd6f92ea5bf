"""The page: the queue in a browser, on this machine only. Reading changes nothing; deciding is a
POST from one of our own forms.
"""

from netbot.web.app import create
from netbot.web.serving import serve

__all__ = ["create", "serve"]
