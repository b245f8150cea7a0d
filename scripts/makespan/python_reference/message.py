# SPDX-License-Identifier: Apache-2.0
"""What is sent: workloads/message.hpp as a plain tuple, the cheapest that Python pickles, with the same numbers and the same
checksums.

Of a body the first eight bytes differ from one message of a producer to the next (in C++ those of every 64): a receiver
then makes what must have come and compares all of it at the speed of memcmp. The checksum is that of the C++ message, of
which the other bytes are a constant part; the bodies are the same up to 64 B.
"""

from __future__ import annotations

from makespan.python_reference.work import MASK, mix_bits

_FACTOR = 0x9E3779B97F4A7C15
_LINE = 64


#: Producer, number counted from 0 per producer, name of the producer, body, checksum.
Message = tuple[int, int, str, bytes, int]


class MessageMaker:
    """Makes the messages of one producer, with bodies of `payload` bytes, at least 1."""

    def __init__(self, producer: int, payload: int, seed: int) -> None:
        body = b"".join(
            mix_bits(seed + producer + at & MASK).to_bytes(8, "little") for at in range(0, payload, 8)
        )[:payload]
        self._producer = producer
        self._name = f"producer {producer}"
        self._seed = seed
        self._stamp_bytes = min(payload, 8)
        self._rest = body[8:]
        constant = _hash_bytes(self._name.encode()) + 3 * _hash_constant(body) + _FACTOR * producer
        self._constant = constant & MASK

    def make(self, sequence: int) -> Message:
        stamp = (self._seed ^ sequence) * _FACTOR & MASK
        head = stamp.to_bytes(8, "little")
        if self._stamp_bytes < 8:
            head = head[: self._stamp_bytes]
            stamp = _word(head)
        checksum = self._constant + mix_bits(_FACTOR * sequence + 5 * stamp & MASK) & MASK
        return self._producer, sequence, self._name, head + self._rest, checksum


def _word(data: bytes) -> int:
    """Up to 8 bytes as a number."""
    count = len(data)
    if count == 8:
        return int.from_bytes(data, "little")
    if count >= 4:
        return int.from_bytes(data[:4], "little") << 32 | int.from_bytes(data[-4:], "little")
    return data[0] << 16 | data[count // 2] << 8 | data[-1] if count else 0


def _stir(state: int, word: int) -> int:
    product = (state ^ word) * _FACTOR & MASK
    return product ^ product >> 32


def _hash_bytes(data: bytes) -> int:
    state = len(data)
    for at in range(0, len(data), 8):
        state = _stir(state, _word(data[at : at + 8]))
    return state


def _hash_constant(body: bytes) -> int:
    """Of all but the first eight bytes of every line of 64."""
    lines = len(body) // _LINE
    total = len(body)
    for lane in range(1, 8):
        state = 0
        for at in range(8 * lane, lines * _LINE, _LINE):
            state = _stir(state, int.from_bytes(body[at : at + 8], "little"))
        total += (2 * lane + 1) * mix_bits(state) if lines else 0
    rest = body[lines * _LINE + 8 :]
    return _stir(total & MASK, _hash_bytes(rest)) if rest else total & MASK
