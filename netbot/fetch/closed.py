"""Networks that bar programs from reading their pages: nobody here ever asks them anything."""

#: Their hosts, and those of their short addresses.
CLOSED = (
    "facebook.com",
    "fb.com",
    "fb.me",
    "fb.watch",
    "instagram.com",
    "linkedin.com",
    "lnkd.in",
    "xing.com",
)


def is_closed(host: str) -> bool:
    """Whether a host belongs to one of them."""
    name = host.lower().rstrip(".")
    return any(name == each or name.endswith(f".{each}") for each in CLOSED)
