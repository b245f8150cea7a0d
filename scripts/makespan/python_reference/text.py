# SPDX-License-Identifier: Apache-2.0
"""Lines of text, the same as workloads/text.cpp makes for a seed, and the hash that tells lines apart."""

from __future__ import annotations

from collections.abc import Iterable

from makespan.python_reference.work import MASK, mix_bits

#: Stands in half of the lines of a generated text.
PATTERN = b"makespan"
#: Of the text that the binaries search in.
TEXT_SEED = 1

_LETTERS = "eeeettaaooiinnsshrdlcumwfgypbvkx"
# Two letters for every ten bits, the lower five first: a word takes few look-ups.
_PAIRS = tuple(_LETTERS[bits & 31] + _LETTERS[bits >> 5] for bits in range(1024))


def generate(lines: int, seed: int = TEXT_SEED, planted: bytes = PATTERN) -> bytes:
    """ASCII words, 60 bytes a line in the mean; the seed decides in which half of the lines `planted` stands."""
    base, plant = mix_bits(seed), planted.decode()
    return "".join(_line(mix_bits(base + line & MASK), plant) for line in range(lines)).encode()


def _line(state: int, planted: str) -> str:
    """`state` is the first of the line's pseudo-random numbers before it is mixed; each next one is 1 more."""
    with_plant = mix_bits(state) & 1
    words, state = _word_count(state + 1)
    place = (mix_bits(state & MASK) >> 32) * (words + 1) >> 32
    found = [_word(mix_bits(state + 1 + word & MASK)) for word in range(words)]
    if with_plant:
        found.insert(place, planted)
    return " ".join(found) + "\n"


def _word_count(state: int) -> tuple[int, int]:
    """How many words, and the state after what that took."""

    def below(limit: int, step: int) -> int:
        return (mix_bits(state + step & MASK) >> 32) * limit >> 32

    if below(32, 0) == 0:
        return 0, state + 1
    if below(1024, 1) == 0:
        return 200 + below(800, 2), state + 3
    return below(21, 2), state + 3


def _word(bits: int) -> str:
    length = 1 + (bits & 7)
    pairs = _PAIRS
    text = pairs[bits >> 3 & 1023]
    if length > 2:
        text += pairs[bits >> 13 & 1023]
        if length > 4:
            text += pairs[bits >> 23 & 1023] + pairs[bits >> 33 & 1023]
    return text[:length]


def lines_of(text: bytes) -> list[bytes]:
    """As grep(1) sees them: a last line may lack its end, and in a binary file NUL bytes end lines, too."""
    if b"\0" in text:
        text = text.replace(b"\0", b"\n")
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def matching(text: bytes, pattern: bytes) -> list[bytes]:
    """The lines that have the pattern, found in another way than by a pipeline: in the whole text at once."""
    if not pattern:
        return lines_of(text)
    text = text.replace(b"\0", b"\n")
    found = []
    at = text.find(pattern)
    while at >= 0:
        begin, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        end = len(text) if end < 0 else end
        found.append(text[begin:end])
        at = text.find(pattern, end)
    return found


def checksum_of(lines: Iterable[bytes]) -> int:
    """The sum of a hash of each line."""
    return sum(map(hash_of, lines)) & MASK


def fingerprint(text: bytes, pattern: bytes) -> str:
    """Tells one text and pattern from another, for the column `variant`."""
    checksum = checksum_of((text, pattern))
    return f"{(checksum ^ checksum >> 32) & 0xFFFFFFFF:08x}"


_FIRST_KEY = 0x9E3779B97F4A7C15
_SECOND_KEY = 0xD1B54A32D192ED03


def hash_of(line: bytes) -> int:
    """LineTally::hash, on a machine whose numbers begin with their lowest byte."""
    size = state = len(line)
    whole = size // 16 * 16
    for at in range(0, whole, 16):
        both = int.from_bytes(line[at : at + 16], "little")
        folded = _fold(both & MASK ^ _FIRST_KEY, (both >> 64) + size - at & MASK ^ _SECOND_KEY)
        state = _rotated(state) + folded & MASK
    left = size - whole
    if size >= 16:
        low, high = line[size - 16 : size - 8], line[size - 8 :]
    elif left >= 8:
        low, high = line[:8], line[left - 8 :]
    else:
        low, high = line[::-1], b""
    rest = _fold(int.from_bytes(low, "little") ^ _FIRST_KEY, int.from_bytes(high, "little") ^ _SECOND_KEY)
    return mix_bits(_rotated(state) + rest & MASK)


def _fold(left: int, right: int) -> int:
    product = left * right
    return product & MASK ^ product >> 64


def _rotated(state: int) -> int:
    return (state << 23 | state >> 41) & MASK
