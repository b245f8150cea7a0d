# SPDX-License-Identifier: Apache-2.0
"""Lines through a chain of greps: push coroutines (send, close), pull generators, and the plain loop beside them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from makespan.python_reference.experiment import Outcome
from makespan.python_reference.text import checksum_of, lines_of, matching
from makespan.python_reference.work import VerificationError

Sink = Generator[None, bytes, None]


def push(text: bytes, pattern: bytes, stages: int) -> list[bytes]:
    """Each coroutine sends a line into the next, as in a UNIX pipe."""
    found: list[bytes] = []
    chain = _begun(_collect(found))
    for _ in range(stages):
        chain = _begun(_grep(pattern, chain))
    for line in lines_of(text):
        chain.send(line)
    chain.close()
    return found


def _collect(found: list[bytes]) -> Sink:
    while True:
        found.append((yield))


def _grep(pattern: bytes, out: Sink) -> Sink:
    try:
        while True:
            line = yield
            if pattern in line:
                out.send(line)
    finally:
        out.close()


def _begun(sink: Sink) -> Sink:
    next(sink)
    return sink


def pull(text: bytes, pattern: bytes, stages: int) -> list[bytes]:
    """Each generator takes lines from the one before it."""
    lines: Iterable[bytes] = lines_of(text)
    for _ in range(stages):
        lines = _passing(pattern, lines)
    return list(lines)


def _passing(pattern: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if pattern in line:
            yield line


def serial(text: bytes, pattern: bytes, stages: int) -> list[bytes]:
    """The plain loop that does all searches of a line itself."""
    found = []
    for line in lines_of(text):
        for _ in range(stages):
            if pattern not in line:
                break
        else:
            found.append(line)
    return found


@dataclass(frozen=True)
class PipelineInfo:
    model: str
    variant: str
    summary: str
    run: Callable[[bytes, bytes, int], list[bytes]]


PIPELINES = (
    PipelineInfo("python_serial", "", "the plain loop that does all searches of a line itself", serial),
    PipelineInfo("python_generators", "push", "generator coroutines, each sends lines into the next", push),
    PipelineInfo("python_generators", "pull", "generators, each takes lines from the one before", pull),
)


class PipelineExperiment:
    """The lines that arrive are kept, as a program that prints them would, and hashed when the time is over."""

    def __init__(self, info: PipelineInfo, text: bytes, pattern: bytes, stages: int) -> None:
        self._info = info
        self._text = text
        self._pattern = pattern
        self._stages = stages

    def setup(self) -> None:
        pass

    def run(self) -> None:
        self._found = self._info.run(self._text, self._pattern, self._stages)

    def teardown(self) -> None:
        pass

    def finish(self, submitted_ns: int, makespan_ns: int) -> Outcome:
        expected = matching(self._text, self._pattern)
        if len(self._found) != len(expected):
            raise VerificationError(f"{len(self._found)} lines arrived instead of {len(expected)}")
        if self._found != expected:
            raise VerificationError("as many lines arrived as match, but not the same ones")
        rate = len(lines_of(self._text)) * 1e9 / makespan_ns
        return Outcome({"checksum": checksum_of(expected), "messages_per_second": rate})
