"""RSA signatures checked by hand: PKCS#1 v1.5 with SHA-1, as Travis signs, is all that is needed.

The whole encoded message is built and compared, never parsed: that is what the known forgeries lived on.
"""

import hmac
from base64 import b64decode
from hashlib import sha1

from msgspec import Struct

SMALLEST, BIGGEST = 1024, 8192
LONGEST_PEM = 16_384
_SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414")
_RSA_IDENTIFIER = bytes.fromhex("06092a864886f70d010101")
_SEQUENCE, _INTEGER, _BITS = 0x30, 0x02, 0x03


class PublicKey(Struct, frozen=True):
    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    def signed(self, message: bytes, signature: bytes) -> bool:
        number = int.from_bytes(signature)
        if len(signature) != self.size or number >= self.modulus:
            return False
        info = _SHA1_INFO + sha1(message, usedforsecurity=False).digest()
        wanted = b"\x00\x01".ljust(self.size - len(info) - 1, b"\xff") + b"\x00" + info
        return hmac.compare_digest(pow(number, self.exponent, self.modulus).to_bytes(self.size), wanted)


def read_key(pem: str) -> PublicKey:
    """`PUBLIC KEY` or `RSA PUBLIC KEY`. ValueError for anything else."""
    lines = [part.strip() for part in pem[:LONGEST_PEM].replace("\\n", "\n").strip().split("\n")]
    if not (lines[0].startswith("-----BEGIN ") and lines[0].endswith("PUBLIC KEY-----")):
        raise ValueError("it is not a public key in PEM")
    try:
        sequence, _ = _part(b64decode("".join(lines[1:-1]), validate=True), _SEQUENCE)
        if "RSA" not in lines[0]:
            sequence = _inner(sequence)
        modulus, rest = _part(sequence, _INTEGER)
        exponent, _ = _part(rest, _INTEGER)
    except (IndexError, ValueError):
        raise ValueError("it is not an RSA key") from None
    return _sound(PublicKey(int.from_bytes(modulus), int.from_bytes(exponent)))


def _inner(sequence: bytes) -> bytes:
    algorithm, rest = _part(sequence, _SEQUENCE)
    if not algorithm.startswith(_RSA_IDENTIFIER):
        raise ValueError
    bits, _ = _part(rest, _BITS)
    return _part(bits[1:], _SEQUENCE)[0]


def _part(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """One DER value of this kind, and what follows it."""
    if data[0] != tag:
        raise ValueError
    length, start = data[1], 2
    if length > 0x80:
        start = 2 + length - 0x80
        length = int.from_bytes(data[2:start])
    if start + length > len(data):
        raise ValueError
    return data[start : start + length], data[start + length :]


def _sound(key: PublicKey) -> PublicKey:
    """A key that is too short proves nothing, and one that is too long keeps us busy."""
    if not (SMALLEST <= key.modulus.bit_length() <= BIGGEST and key.modulus % 2):
        raise ValueError(f"its length is not {SMALLEST} to {BIGGEST} bits")
    if not (3 <= key.exponent < 2**32 and key.exponent % 2):
        raise ValueError("its exponent is unusual")
    return key
