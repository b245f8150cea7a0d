# SPDX-License-Identifier: Apache-2.0
"""Made-up paired runs on machines with every vice, to measure how often the gate is wrong.

A run is one sequence of launches: every round has the cases in a random order, each with a block of
four. What disturbs a machine goes on in time, over blocks and cases: drift (a random walk), a noise that
remembers, bursts of steal time, a clock that has two speeds. Upon it comes the jitter of every launch by
itself, with tails as heavy as asked for. All of it are shares of the cost, on the scale of logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from makespan.decisions import ALPHA
from makespan.gate import Gate, judge_runs
from makespan.pairing import PER_ARM
from makespan.ranks import Floats

_BLOCK = 2 * PER_ARM
# Places of the four launches of a block, by arm: current first.
_ABBA = np.array([[0, 3], [1, 2]])
_BAAB = np.array([[1, 2], [0, 3]])


@dataclass(frozen=True)
class Noise:
    """`jitter` is the spread of a launch, `tail` the degrees of freedom of its Student t (none: normal).
    `drift` is the step of the random walk from launch to launch; `remembered` the spread of a noise with
    the correlation `memory` from launch to launch. Bursts begin with the chance `bursts` at a launch, last
    `burst_launches` and cost each of these an exponential with the mean `burst_cost`. The clock is slow,
    by `clock_cost`, in `clock_share` of the time, for some `clock_launches` in a row."""

    jitter: float = 0.02
    tail: float | None = None
    drift: float = 0.0
    remembered: float = 0.0
    memory: float = 0.9
    bursts: float = 0.0
    burst_launches: int = 6
    burst_cost: float = 0.2
    clock_share: float = 0.0
    clock_cost: float = 0.1
    clock_launches: float = 10.0


#: A shared virtual machine of two CPUs: launches of one case are some 3 % apart, as those of the computing
#: cases of reports/example are.
REALISTIC = Noise(
    jitter=0.014,
    tail=4,
    drift=0.0003,
    remembered=0.01,
    memory=0.98,
    bursts=0.001,
    clock_share=0.1,
    clock_cost=0.03,
)
#: Worse than any machine should be: launches differ by tens of per cent.
EVERY_VICE = Noise(
    jitter=0.15,
    tail=3,
    drift=0.02,
    remembered=0.1,
    bursts=0.02,
    burst_cost=0.5,
    clock_share=0.3,
    clock_cost=0.25,
)


def paired_differences(
    random: np.random.Generator,
    runs: int,
    cases: int,
    rounds: int,
    noise: Noise,
    log_shift: float | Floats = 0.0,
) -> Floats:
    """The differences of the blocks, of shape (runs, cases, rounds). `log_shift` is what the current build
    costs more, for all cases or for each of them."""
    timeline = _timeline(random, runs, rounds * cases * _BLOCK, noise)
    blocks = timeline.reshape(runs, rounds, cases, _BLOCK)
    order = np.argsort(random.random((runs, rounds, cases)), axis=2)
    blocks = np.take_along_axis(blocks, order[..., np.newaxis], axis=2).swapaxes(1, 2)
    # As the runner draws them: the second of two rounds mirrors the first.
    drawn = random.random((runs, cases, (rounds + 1) // 2)) < 0.5
    kind = np.repeat(drawn, 2, axis=2)[..., :rounds] ^ (np.arange(rounds) % 2 == 1)
    abba, baab = (
        blocks[..., places[0]].mean(axis=-1) - blocks[..., places[1]].mean(axis=-1)
        for places in (_ABBA, _BAAB)
    )
    result: Floats = np.where(kind, abba, baab) + np.reshape(log_shift, (1, -1, 1))
    return result


def gate(
    random: np.random.Generator,
    runs: int,
    cases: int,
    rounds: int,
    noise: Noise,
    log_shift: float | Floats = 0.0,
    min_effect: float = 0.05,
    confirm: bool = True,
    alpha: float = ALPHA,
    correlation: float | None = None,
) -> Gate:
    """The verdicts of so many runs; with `confirm` from fresh blocks wherever there was a suspicion. With a
    `correlation` by two metrics whose noise has so much in common, all cases of the one first."""

    def measured() -> Floats:
        found = paired_differences(random, runs, cases, rounds, noise)
        if correlation is not None:
            own = paired_differences(random, runs, cases, rounds, noise)
            other = correlation * found + np.sqrt(1 - correlation**2) * own
            found = np.concatenate([found, other], axis=1)
        shifts = np.tile(np.broadcast_to(log_shift, cases), metrics)
        result: Floats = found + shifts.reshape(1, -1, 1)
        return result

    metrics = 1 if correlation is None else 2
    return judge_runs(measured, np.full(metrics * cases, np.log1p(min_effect)), confirm, alpha, metrics)


def _timeline(random: np.random.Generator, runs: int, launches: int, noise: Noise) -> Floats:
    """The logarithm of what every launch of every run costs beyond the work itself."""
    size = (runs, launches)
    own = random.standard_normal(size) if noise.tail is None else random.standard_t(noise.tail, size)
    cost: Floats = noise.jitter * own
    if noise.drift:
        cost += noise.drift * np.cumsum(random.standard_normal(size), axis=1)
    if noise.remembered:
        cost += noise.remembered * _remembering(random, size, noise.memory)
    if noise.bursts:
        length = noise.burst_launches
        begun = np.cumsum(random.random(size) < noise.bursts, axis=1)
        before = np.pad(begun, ((0, 0), (length, 0)))[:, :launches]
        cost += (begun > before) * random.exponential(noise.burst_cost, size)
    if noise.clock_share:
        wave = _remembering(random, size, 1 - 1 / noise.clock_launches)
        slow = wave > np.quantile(wave, 1 - noise.clock_share)
        cost += noise.clock_cost * slow
    return cost


def _remembering(random: np.random.Generator, size: tuple[int, int], memory: float) -> Floats:
    """An autoregressive series of the first order with variance 1."""
    from scipy.signal import lfilter

    shocks = random.standard_normal(size)
    shocks[:, 1:] *= np.sqrt(1 - memory**2)
    series: Floats = lfilter([1.0], [1.0, -memory], shocks, axis=1)
    return series
