# SPDX-License-Identifier: Apache-2.0
"""WHAT is done, as workloads/ has it: the same sizes, the same kernel, the same checksums, in plain Python.

Numbers of 64 bits are whole numbers below 2**64; sums of checksums are modulo 2**64.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from threading import get_native_id
from typing import Literal

MASK = (1 << 64) - 1
#: The multiplier and the increment of the kernel (Knuth, MMIX): workloads/kernel.cpp.
MULTIPLIER = 6364136223846793005
INCREMENT = 1442695040888963407
#: Of the batches that the binaries measure.
SEED = 1

#: (task, checksum, start_ns, end_ns, overshoot_ns, process, thread), times on the monotonic clock; without
#: records only the first two.
Result = tuple[int, ...]
Steps = tuple[tuple[int, int], ...]
FaultKind = Literal["exception", "kill", "hang", "wrong_checksum"]


class VerificationError(Exception):
    """A batch whose result is wrong."""


class TaskError(Exception):
    """A task that failed; the message begins with which."""


def mix_bits(value: int) -> int:
    """SplitMix64's output function, of a number of 64 bits."""
    value = value + 0x9E3779B97F4A7C15 & MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def compute(iterations: int, state: int) -> int:
    """The kernel: so many dependent steps from `state`."""
    multiplier, increment, mask = MULTIPLIER, INCREMENT, MASK  # locals are faster
    for _ in repeat(None, iterations):
        state = state * multiplier + increment & mask
    return state


def predict(iterations: int, state: int) -> int:
    """The same by jumping ahead (F. B. Brown, 1994)."""
    factor, offset = MULTIPLIER, INCREMENT
    while iterations:
        if iterations & 1:
            state = state * factor + offset & MASK
        offset = offset * factor + offset & MASK
        factor = factor * factor & MASK
        iterations >>= 1
    return state


def iterations_for(compute_ns: int, ns_per_iteration: float) -> int:
    """The iterations that a computing time stands for."""
    return max(1, _rounded(compute_ns / ns_per_iteration)) if compute_ns > 0 else 0


def size_factor(sizes: str, seed: int, task: int) -> float:
    """By how much a task differs from the mean size: workloads/sizes.cpp."""
    bits = mix_bits(mix_bits(seed) ^ task)
    if sizes == "uniform":
        return 0.5 + _unit(bits)
    if sizes == "lognormal":  # Box and Muller; the mean of exp(z) is exp(1/2)
        radius = math.sqrt(-2.0 * math.log(1.0 - _unit(mix_bits(bits))))
        return math.exp(radius * math.cos(2.0 * math.pi * _unit(mix_bits(bits ^ MASK))) - 0.5)
    return 1.0


@dataclass(frozen=True)
class Fault:
    """What happens in one task of a batch: how the suite tests itself."""

    kind: FaultKind
    task: int


@dataclass(frozen=True)
class Work:
    """The workload of a batch: a value, which is pickled to reach the workers of a pool."""

    benchmark: str
    sleep_ns: int = 0
    iterations: int = 0
    sizes: str = "constant"
    seed: int = SEED
    recording: bool = True
    fault: Fault | None = None
    base: int = field(init=False)  # of the states in which the tasks start
    usual: Steps = field(init=False)  # the steps of a task of the mean size
    empty: bool = field(init=False)  # nothing is to be done in any task, and nothing to be noted

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", mix_bits(self.seed))
        object.__setattr__(self, "usual", self._laid_out(self.sleep_ns, self.iterations))
        idle = not (self.sleep_ns or self.iterations or self.recording or self.fault)
        object.__setattr__(self, "empty", idle)

    def size(self, task: int) -> tuple[int, int]:
        """Time asleep in ns, and iterations."""
        factor = size_factor(self.sizes, self.seed, task)
        return _rounded(self.sleep_ns * factor), _rounded(self.iterations * factor)

    def steps(self, task: int) -> Steps:
        """Each: first sleep so long, then compute so much."""
        return self.usual if self.sizes == "constant" else self._laid_out(*self.size(task))

    def _laid_out(self, sleep_ns: int, iterations: int) -> Steps:
        if self.benchmark != "mixed":
            return ((sleep_ns, iterations),)
        before = iterations // 2
        return ((0, before), (sleep_ns, iterations - before))

    def expected(self, tasks: int) -> int:
        """The checksum of any correct run."""
        return sum(map(self._expected_of, range(tasks))) & MASK

    def _expected_of(self, task: int) -> int:
        state = mix_bits(self.base + task & MASK)
        for _, iterations in self.steps(task):
            state = predict(iterations, state)
        return state

    def sums(self, tasks: int, ns_per_iteration: float) -> tuple[float, float, float]:
        """Of all tasks: time asleep, iterations, and the length of the longest, as if nothing cost anything."""
        if self.sizes == "constant":
            longest = self.sleep_ns + self.iterations * ns_per_iteration if tasks else 0.0
            return float(tasks * self.sleep_ns), float(tasks * self.iterations), longest
        sizes = [self.size(task) for task in range(tasks)]
        longest = max((sleep + count * ns_per_iteration for sleep, count in sizes), default=0.0)
        return float(sum(s for s, _ in sizes)), float(sum(n for _, n in sizes)), longest


def run_task(work: Work, task: int) -> Result:
    """Runs a task in the calling thread, which is blocked while the task sleeps. Raises TaskError."""
    if work.empty:
        return task, mix_bits(work.base + task & MASK)
    steps = _steps(work, task)
    try:
        while True:
            time.sleep(next(steps))
    except StopIteration as done:
        result: Result = done.value
        return result


async def run_task_async(work: Work, task: int) -> Result:
    """Runs a task as a coroutine, which waits without blocking anyone. Raises TaskError."""
    if work.empty:
        return task, mix_bits(work.base + task & MASK)
    steps = _steps(work, task)
    try:
        while True:
            await asyncio.sleep(next(steps))
    except StopIteration as done:
        result: Result = done.value
        return result


def _steps(work: Work, task: int) -> Generator[float, None, Result]:
    """What a task does but for its sleeping: each number is for how many seconds it is to sleep now."""
    try:
        state = mix_bits(work.base + task & MASK)
        start = time.monotonic_ns() if work.recording else 0
        if work.fault and work.fault.task == task:
            state = _inject(work.fault.kind, state)
        overshoot = 0
        for sleep_ns, iterations in work.steps(task):
            if sleep_ns:
                begin = time.monotonic_ns()
                yield sleep_ns / 1e9
                overshoot += time.monotonic_ns() - begin - sleep_ns
            if iterations:
                state = compute(iterations, state)
    except Exception as error:
        raise TaskError(f"task {task}: {error}") from None
    if not work.recording:
        return task, state
    return task, state, start, time.monotonic_ns(), overshoot, os.getpid(), get_native_id()


def verify(work: Work, tasks: int, results: list[Result]) -> int:
    """The sum of the checksums. Raises VerificationError unless every task ran once and the sum is right."""
    if len(results) != tasks:
        raise VerificationError(f"{len(results)} tasks ran instead of {tasks}")
    wrong = next(_not_once([result[0] for result in results], tasks), None)
    if wrong is not None:
        raise VerificationError(f"task {wrong} of {tasks} did not run just once")
    checksum = sum(result[1] for result in results) & MASK
    right = work.expected(tasks)
    if checksum != right:
        raise VerificationError(f"checksum {checksum:016x} instead of {right:016x}")
    return checksum


def _not_once(ran: list[int], tasks: int) -> Iterator[int]:
    yield from (want for want, task in zip(range(tasks), sorted(ran)) if want != task)


def _inject(kind: FaultKind, state: int) -> int:
    if kind == "exception":
        raise RuntimeError("injected exception")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    while kind == "hang":
        signal.pause() if get_native_id() == os.getpid() else time.sleep(3600)
    return state ^ 1


def _unit(bits: int) -> float:
    return float(bits >> 11) * 2.0**-53


def _rounded(value: float) -> int:
    """Half away from zero, as std::llround; of numbers that are not negative."""
    return math.floor(value + 0.5)
