"""Secrets under a passphrase: scrypt makes the key, ChaCha20-Poly1305 hides and vouches."""

import os
from collections.abc import Mapping

from netbot.model import UsageError

#: The shortest passphrase taken, in characters: a lost backup can be tried for years.
SHORTEST = 12

#: What scrypt costs: 128 MiB for a moment (RFC 7914; OWASP Password Storage, 2024: N = 2^17).
COST: Mapping[str, int] = {"n": 2**17, "r": 8, "p": 1}

_SALT, _NONCE = 16, 12  # bytes
_PURPOSE = b"netbot secrets 1"


def seal(plain: bytes, passphrase: str) -> bytes:
    """Hide ``plain``. Raises ``UsageError`` when the passphrase is too short."""
    if len(passphrase) < SHORTEST:
        raise UsageError(f"a passphrase for secrets has at least {SHORTEST} characters")
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return salt + nonce + ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, plain, _PURPOSE)


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """What was hidden. Raises ``UsageError`` when the passphrase is another, or a byte is."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce, hidden = sealed[:_SALT], sealed[_SALT : _SALT + _NONCE], sealed[_SALT + _NONCE :]
    try:
        return ChaCha20Poly1305(_key(passphrase, salt)).decrypt(nonce, hidden, _PURPOSE)
    except (InvalidTag, ValueError) as error:
        raise UsageError("this passphrase does not open the secrets of this backup") from error


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, **COST).derive(passphrase.encode())
