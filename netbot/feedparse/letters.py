"""Which characters a text holds, without looking at each of thousands in turn."""

_ASCII = bytes(range(128))
_VISIBLE_ASCII = bytes(range(32, 127))
_UNSEEN = frozenset(
    (
        *map(chr, (*range(32), *range(0x7F, 0xA1), *range(0xD800, 0xE000))),
        *"\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a",
        *"\u2028\u2029\u202f\u205f\u3000",
    )
)


def beyond_ascii(text: str) -> set[str]:
    """The characters of the text that are not ASCII."""
    return _left(text, _ASCII)


def is_visible(text: str) -> bool:
    """Whether there is no control character, and no white space but spaces."""
    return _UNSEEN.isdisjoint(_left(text, _VISIBLE_ASCII))


def _left(text: str, without: bytes) -> set[str]:
    data = text.encode("utf-8", "surrogatepass").translate(None, without)
    return set(data.decode("utf-8", "surrogatepass"))
