"""A device with passkeys, in software: makes keys, signs questions, and can be made to lie."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """Its owner looks at it and agrees each time."""

    origin: str
    counter: int = 0
    step: int = 1  # by which it counts; many devices do not count at all
    flags: int = PRESENT | VERIFIED
    id: bytes = field(default_factory=lambda: token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Mapping[str, Any]) -> str:
        """What ``navigator.credentials.create`` gives for these options, as it is sent."""
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        about = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], ATTESTED) + about
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._told(clientDataJSON=client, attestationObject=attestation)

    def get(self, options: Mapping[str, Any]) -> str:
        """What ``navigator.credentials.get`` gives for these options, as it is sent."""
        self.counter += self.step
        data = self._data(options["rpId"])
        client = self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._told(clientDataJSON=client, authenticatorData=data, signature=signed)

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        rp = hashlib.sha256(rp_id.encode()).digest()
        return rp + (self.flags | flags).to_bytes(1) + self.counter.to_bytes(4)

    def _client(self, type: str, challenge: str) -> bytes:
        told = {"type": type, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _told(self, **response: bytes) -> str:
        name = encode(self.id)
        parts = {part: encode(value) for part, value in response.items()}
        told = {"id": name, "rawId": name, "type": "public-key", "response": parts}
        return json.dumps(told)
