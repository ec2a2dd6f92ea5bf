"""When two handles or two sources are the same one."""

from urllib.parse import parse_qsl, urlencode, urlsplit


def handle_key(network: str, handle: str) -> tuple[str, str]:
    """Equal for two spellings of one handle."""
    return network, handle.strip().removeprefix("@").casefold()


def source_key(network: str, address: str) -> tuple[str, str]:
    """Equal for two spellings of one source.

    The scheme, ``www.``, a closing slash, tracking parameters and the order of parameters
    make no difference, nor does the part after ``#``.
    """
    if "://" not in address:
        return handle_key(network, address)
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return network, address
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    where = host if port in {None, 80, 443} else f"{host}:{port}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted(pair for pair in pairs if not pair[0].startswith("utm_")))
    return network, f"{where}{parts.path.rstrip('/')}{'?' if query else ''}{query}"
