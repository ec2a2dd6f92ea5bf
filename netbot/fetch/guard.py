"""Where netbot may connect to: the public internet, and what the user opened by name."""

import errno
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

# Python 3.11 calls these global, yet they carry IPv4 addresses of any kind inside (RFC 6052,
# RFC 8215, RFC 3056), or belong to one site (RFC 3879), one network (RFC 9602), or to examples
# (RFC 9637).
_NOT_GLOBAL = tuple(
    map(
        ipaddress.ip_network,
        ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "fec0::/10", "5f00::/16", "3fff::/20"),
    )
)


class Blocked(PermissionError):
    """A dial to an address that is not public; an ``OSError``, as the connector expects."""


def is_public(address: str) -> bool:
    """Whether a literal address belongs to the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _NOT_GLOBAL):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def dial_public(address: tuple[Any, ...]) -> socket.socket:
    """A socket for one resolved address; raises ``Blocked`` unless that address is public.

    The connector calls this for every dial with what it is about to connect to, so neither a
    curious spelling nor a name that resolves differently the second time slips through.
    """
    family, kind, protocol, _, where = address
    if not is_public(where[0]):
        raise Blocked(errno.EACCES, f"{where[0]} is not a public address")
    return socket.socket(family=family, type=kind, proto=protocol)


class AllowList:
    """Hosts, as ``host`` or ``host:port``, which the user opened although they may be private."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(map(_host_and_port, entries))

    def covers(self, host: str, port: int) -> bool:
        """Whether that host is open on that port; spelled as in the list, no name is looked up."""
        host = host.lower()
        return (host, None) in self._entries or (host, port) in self._entries


def _host_and_port(entry: str) -> tuple[str, int | None]:
    """``[::1]:80``, ``::1``, ``localhost:80`` or ``localhost``, taken apart."""
    entry = entry.strip().lower()
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") == 1:
        host, _, port = entry.partition(":")
    else:
        host, port = entry, ""
    return host, int(port) if port else None
