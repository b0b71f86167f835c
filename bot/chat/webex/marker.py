"""A message's key, written into it where nobody sees it: Webex keeps nothing of ours beside a message.

Forty-eight bits of the key's hash in four characters without width or meaning. What people and commands say never
holds them, since every invisible character is spelt out on its way here.
"""

from hashlib import blake2b

_DIGITS = "\u200b\u200c\u2062\u2063"
_BYTES = 6


def marker(key: str) -> str:
    number = int.from_bytes(blake2b(key.encode(), digest_size=_BYTES).digest())
    return "".join(_DIGITS[number >> 2 * place & 3] for place in range(_BYTES * 4))


def bears(text: str, key: str) -> bool:
    return marker(key) in text
