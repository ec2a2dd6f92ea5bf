"""The bytes of an answer, unpacked under count so that no small packet becomes a flood."""

import zlib

from netbot.model import Refused, Transient

# A page of blanks packs very well; below this size no ratio does harm.
_RATIO_FREE_BYTES = 64 * 1024
_PACKED = ("gzip", "x-gzip", "deflate")
_GZIP_MAGIC = b"\x1f\x8b"


def refuse_unasked(encoding: str) -> None:
    """Raise ``Refused`` for a ``Content-Encoding`` that was not asked for."""
    if encoding.strip().lower() not in ("", "identity", *_PACKED):
        raise Refused(f"The answer is packed as {encoding[:40]!r}, which nobody asked for.")


def unpack(packed: bytes, encoding: str, *, decoded_bytes: int, ratio: int) -> bytes:
    """The body as it was before ``Content-Encoding``.

    Raises ``Refused`` when it swells beyond ``decoded_bytes``, or ``ratio`` times its size, and
    ``Transient`` when it cannot be read to its end.
    """
    if encoding.strip().lower() not in _PACKED:
        return packed
    most = min(decoded_bytes, max(_RATIO_FREE_BYTES, len(packed) * ratio))
    return _Unpacker(most).body(packed)


class _Unpacker:
    """Unpacks streams that follow each other, as some servers send them, to ``most`` bytes."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._inflate: zlib._Decompress | None = None
        self._parts: list[bytes] = []

    def body(self, packed: bytes) -> bytes:
        """All of it."""
        while packed:
            packed = self._unpack(packed)
        if self._inflate is not None and not self._inflate.eof:
            raise Transient("The answer broke off before its end.")
        return b"".join(self._parts)

    def _unpack(self, chunk: bytes) -> bytes:
        """Unpack what belongs to the present stream and return what follows it."""
        if self._inflate is None:
            self._inflate = zlib.decompressobj(_window(chunk))
        elif not chunk.startswith(_GZIP_MAGIC):
            return b""  # padding after the end; browsers look away as well
        else:
            self._inflate = zlib.decompressobj(_window(chunk))
        try:
            # One byte more than allowed is enough to know that it is too much.
            part = self._inflate.decompress(chunk, self._room + 1)
        except zlib.error as error:
            raise Transient(f"The answer cannot be unpacked ({error}).") from error
        if len(part) > self._room:
            raise Refused("The document swells beyond every measure when it is unpacked.")
        self._room -= len(part)
        self._parts.append(part)
        return self._inflate.unused_data


def _window(chunk: bytes) -> int:
    """Zlib's window setting: gzip and zlib by their headers, else the raw deflate of old IIS."""
    zlib_header = len(chunk) > 1 and chunk[0] & 0x0F == 8 and (chunk[0] << 8 | chunk[1]) % 31 == 0
    return zlib.MAX_WBITS | 32 if zlib_header or chunk[:1] == _GZIP_MAGIC[:1] else -zlib.MAX_WBITS
