"""The bytes of an answer, unpacked under count so that no small packet becomes a flood."""

import zlib

from netbot.model import Refused, Transient

# A page of blanks packs very well; below this size no ratio does harm.
_RATIO_FREE_BYTES = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class Unpacker:
    """Takes the chunks of one body off the wire and counts them before and after unpacking.

    ``encoding`` is the ``Content-Encoding``; raises ``Refused`` for one that was not asked for,
    and whenever a limit is passed.
    """

    def __init__(self, encoding: str, *, wire_bytes: int, decoded_bytes: int, ratio: int) -> None:
        self._packed = encoding.strip().lower() not in ("", "identity")
        if self._packed and encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
            raise Refused(f"The answer is packed as {encoding[:40]!r}, which nobody asked for.")
        self._wire_bytes = wire_bytes
        self._decoded_bytes = decoded_bytes
        self._ratio = ratio
        self._inflate: zlib._Decompress | None = None
        self._taken = 0
        self._parts: list[bytes] = []
        self._given = 0

    def take(self, chunk: bytes) -> None:
        """Add one chunk; raises ``Refused`` past a limit, ``Transient`` when it cannot be read."""
        self._taken += len(chunk)
        if self._taken > self._wire_bytes:
            raise Refused(f"The document is larger than {self._wire_bytes} bytes.")
        if not self._packed:
            self._give(chunk)
            return
        while chunk:
            chunk = self._unpack(chunk)

    def body(self) -> bytes:
        """All of it; raises ``Transient`` when the packed stream broke off."""
        if self._inflate is not None and not self._inflate.eof:
            raise Transient("The answer broke off before its end.")
        return b"".join(self._parts)

    def _unpack(self, chunk: bytes) -> bytes:
        """Unpack what belongs to the present stream and return what follows it."""
        if self._inflate is None:
            self._inflate = zlib.decompressobj(_window(chunk))
        elif self._inflate.eof:
            if not chunk.startswith(_GZIP_MAGIC):
                return b""  # padding after the end; browsers look away as well
            self._inflate = zlib.decompressobj(_window(chunk))
        try:
            # One byte more than allowed is enough to know that it is too much.
            self._give(self._inflate.decompress(chunk, self._room() + 1))
        except zlib.error as error:
            raise Transient(f"The answer cannot be unpacked ({error}).") from error
        return self._inflate.unused_data

    def _room(self) -> int:
        by_ratio = max(_RATIO_FREE_BYTES, self._taken * self._ratio)
        return min(self._decoded_bytes, by_ratio) - self._given

    def _give(self, part: bytes) -> None:
        if len(part) > self._room():
            raise Refused("The document swells beyond every measure when it is unpacked.")
        self._given += len(part)
        self._parts.append(part)


def _window(chunk: bytes) -> int:
    """Zlib's window setting: gzip and zlib by their headers, else the raw deflate of old IIS."""
    zlib_header = len(chunk) > 1 and chunk[0] & 0x0F == 8 and (chunk[0] << 8 | chunk[1]) % 31 == 0
    return zlib.MAX_WBITS | 32 if zlib_header or chunk[:1] == _GZIP_MAGIC[:1] else -zlib.MAX_WBITS
