"""Unpacking under count."""

import gzip
import zlib

import pytest

from netbot.fetch.body import refuse_unasked, unpack
from netbot.model import NetworkError, Refused, Transient


def unpacked(encoding: str, packed: bytes) -> bytes:
    return unpack(packed, encoding, decoded_bytes=2 * 10**6, ratio=100)


RAW_DEFLATE = zlib.compressobj(wbits=-15)
DOCUMENT = b"<rss>" + bytes(range(256)) * 50


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", DOCUMENT),
        ("identity", DOCUMENT),
        ("gzip", gzip.compress(DOCUMENT)),
        ("X-GZIP", gzip.compress(DOCUMENT[:99]) + gzip.compress(DOCUMENT[99:])),
        ("gzip", gzip.compress(DOCUMENT) + b"\0" * 9),
        ("deflate", zlib.compress(DOCUMENT)),
        ("deflate", RAW_DEFLATE.compress(DOCUMENT) + RAW_DEFLATE.flush()),
    ],
)
def test_packed_documents_are_unpacked(encoding: str, packed: bytes) -> None:
    assert unpacked(encoding, packed) == DOCUMENT
    refuse_unasked(encoding)


@pytest.mark.parametrize(
    ("encoding", "packed", "kind"),
    [
        ("gzip", gzip.compress(b"\0" * 1_000_000), Refused),  # ratio
        ("gzip", gzip.compress(bytes(range(256)) * 4) * 2500, Refused),  # sum of members
        ("deflate", zlib.compress(b"\0" * 5_000_000), Refused),
        ("gzip", b"\x1f\x8bnot really", Transient),
        ("gzip", gzip.compress(DOCUMENT)[:-9], Transient),
    ],
)
def test_bombs_and_ruins_are_refused(
    encoding: str, packed: bytes, kind: type[NetworkError]
) -> None:
    with pytest.raises(kind):
        unpacked(encoding, packed)


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "x" * 999])
def test_what_nobody_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(Refused, match="asked for"):
        refuse_unasked(encoding)
