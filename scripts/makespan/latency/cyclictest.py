# SPDX-License-Identifier: Apache-2.0
"""What cyclictest, the usual program for wake-up latencies, says on the same machine.

It is of the rt-tests (wiki.linuxfoundation.org/realtime/documentation/howto/tools/cyclictest/start) and sleeps
as our tasks do, with clock_nanosleep until an absolute time. Its usual settings are for real-time threads; here
it is asked for one thread of the ordinary policy, without memory locking, and to leave the power management
alone (--default-system), so that it is late for the same reasons. It insists on the right to real-time
priorities all the same (root, or RLIMIT_RTPRIO). Latencies are whole microseconds, rounded down.

The timer slack is set in the process that starts it, not in itself: whoever has left a real-time policy, as it does
when it looks whether it may have one, gets from newer kernels the slack back that it was forked with.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from makespan.batch import Batch
from makespan.ccdf import nearest_rank
from makespan.errors import InputError
from makespan.files import read_json_object, write_json
from makespan.scheduling import timer_slack_ns
from makespan.units import duration, one_line

PROGRAM = "cyclictest"
FILE = "cyclictest.json"
ABOUT = "one thread of the ordinary policy that sleeps as long again and again, in whole µs, rounded down"
HOW_TO_GET_IT = "Debian has it in the package rt-tests"
SCHEMA_VERSION = 1

MOST_US = 20_000  # of the histogram; what is later is counted only
LENGTH_NS = 5 * 10**9  # of one run
PR_SET_PDEATHSIG = 1
PR_SET_TIMERSLACK = 29
PR_GET_TIMERSLACK = 30

_BUCKET = re.compile(r"([0-9]+)\s+([0-9]+)")
_SUMMARY = re.compile(r"# (Min Latencies|Avg Latencies|Max Latencies|Histogram Overflows): ([0-9]+)")
_VERSION = re.compile(r"cyclictest V ([0-9.]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Histogram:
    """One run. `counts`: whole µs -> how many sleeps ended that late; `overflows`: how many later than
    MOST_US. `timer_slack_ns` is None for the system's own."""

    command: tuple[str, ...]
    interval_ns: int
    timer_slack_ns: int | None
    counts: Mapping[int, int]
    overflows: int
    min_us: int
    avg_us: int
    max_us: int

    @property
    def n(self) -> int:
        return sum(self.counts.values()) + self.overflows

    def slept_like(self, load: Batch) -> bool:
        """Whether it slept as the only task of the load did, and under the same timer slack."""
        plain = load.benchmark == "sleep" and load.tasks == 1 and load.sizes == "constant"
        asked = load.sleep_ns, timer_slack_ns(load.scheduling)
        return plain and "pin-" not in load.scheduling and asked == (self.interval_ns, self.timer_slack_ns)

    def quantile_us(self, share: float) -> int | None:
        """The nearest-rank quantile; None if no more is known than that it is beyond the histogram."""
        rank = nearest_rank(self.n, share)
        below = 0
        for us, count in sorted(self.counts.items()):
            below += count
            if rank <= below:
                return us
        return self.max_us if rank == self.n else None

    def at_least(self) -> tuple[list[float], list[float]]:
        """Times in ns, and the share of the sleeps that ended at least that late: exact at whole µs. From the
        first bucket that counts, and 1 µs at least, to the end of the last one."""
        known = sorted(us for us, count in self.counts.items() if count)
        if not known:
            return [], []
        bounds = range(max(known[0], 1), known[-1] + 2)
        left = self.n - sum(self.counts[us] for us in known if us < bounds[0])
        xs, ys = [], []
        for us in bounds:
            if left:
                xs.append(us * 1e3)
                ys.append(left / self.n)
            left -= self.counts.get(us, 0)
        return xs, ys


class Unusable(Exception):
    """Why there are no figures of cyclictest."""


def parse(text: str) -> dict[str, Any]:
    """The counts, the overflows and the summary of what `cyclictest --histogram --quiet` prints for one
    thread. Raises Unusable."""
    counts: dict[int, int] = {}
    found: dict[str, int] = {}
    for line in map(str.strip, text.splitlines()):
        if bucket := _BUCKET.fullmatch(line):
            counts[int(bucket[1])] = int(bucket[2])
        elif summary := _SUMMARY.match(line):
            found[summary[1]] = int(summary[2])
    wanted = ("Histogram Overflows", "Min Latencies", "Avg Latencies", "Max Latencies")
    lacking = [name for name in wanted if name not in found]
    if lacking or not counts:
        raise Unusable(f"it printed no {lacking[0] if lacking else 'histogram'}")
    values = dict(zip(("overflows", "min_us", "avg_us", "max_us"), (found[name] for name in wanted)))
    return {"counts": {us: count for us, count in counts.items() if count}, **values}


def measure(program: str, interval_ns: int, timer_slack_ns: int | None) -> Histogram:
    """Runs it for some seconds. Raises Unusable."""
    interval_us = _in_whole_us(interval_ns) // 1_000
    command = (
        program,
        "--policy=other",
        "--default-system",
        "--threads=1",
        "--quiet",
        f"--interval={interval_us}",
        f"--loops={max(LENGTH_NS // interval_ns, 1)}",
        f"--histogram={MOST_US}",
    )
    done = _run(command, LENGTH_NS / 1e9 + 30, timer_slack_ns)
    if done.returncode:
        said = one_line(f"{done.stderr} {done.stdout}")
        raise Unusable(f"it ended with exit code {done.returncode}: {said or 'without a word'}")
    return Histogram(command, interval_us * 1_000, timer_slack_ns, **parse(done.stdout))


def _in_whole_us(interval_ns: int) -> int:
    """Its intervals, in ns: whole microseconds, and one at least."""
    return max(interval_ns // 1_000, 1) * 1_000


def record(
    folder: Path, wanted: Iterable[tuple[int, int | None]], stopped: Callable[[], bool] = lambda: False
) -> str:
    """Runs it for every interval and timer slack that FILE in the folder does not have yet, if it is there, and
    writes FILE anew after each; what to say of it in a line, if anything."""
    runs = list(read(folder / FILE))  # what there was before an interruption
    known = {(run.interval_ns, run.timer_slack_ns) for run in runs}
    left = [one for one in wanted if (_in_whole_us(one[0]), one[1]) not in known]
    if not left:
        return ""
    program = shutil.which(PROGRAM)
    if program is None:
        return f"{PROGRAM} is not installed, so its figures are not beside ours; {HOW_TO_GET_IT}"
    try:
        for interval_ns, timer_slack_ns in left:
            found = measure(program, interval_ns, timer_slack_ns)
            if stopped():
                return f"{PROGRAM} was interrupted"
            runs.append(found)
            write(folder / FILE, version(program), runs)
    except Unusable as why:  # Ctrl-C reaches it as well
        return f"{PROGRAM} was interrupted" if stopped() else f"{PROGRAM} gave no figures: {why}"
    every = ", ".join(duration(run.interval_ns) for run in runs)
    return f"{PROGRAM} ran beside it, with sleeps of {every}: {folder / FILE}"


def version(program: str) -> str:
    """As its help tells it; empty if it does not."""
    done = _run((program, "--help"), 10, None)
    found = _VERSION.search(done.stdout + done.stderr)
    return found[1] if found else ""


def write(path: Path, version: str, runs: Iterable[Histogram]) -> None:
    plain = [{**asdict(run), "counts": {str(us): n for us, n in run.counts.items()}} for run in runs]
    write_json(path, {"schema_version": SCHEMA_VERSION, "version": version, "runs": plain})


def read(path: Path) -> tuple[Histogram, ...]:
    """What write() wrote; nothing if there is no such file. Raises InputError."""
    if not path.is_file():
        return ()
    value = read_json_object(path)
    allowed = "what the runner writes"
    if value.get("schema_version") != SCHEMA_VERSION:
        what = f"schema_version is {value.get('schema_version')!r}"
        raise InputError(path, 1, what, f"{SCHEMA_VERSION}, which this reader knows")
    try:
        return tuple(_histogram(run) for run in value["runs"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(path, 1, f"not figures of {PROGRAM}: {error}", allowed) from None


def _histogram(run: Mapping[str, Any]) -> Histogram:
    slack = run["timer_slack_ns"]
    return Histogram(
        command=tuple(map(str, run["command"])),
        timer_slack_ns=None if slack is None else int(slack),
        counts={int(us): int(n) for us, n in run["counts"].items()},
        **{name: int(run[name]) for name in ("interval_ns", "overflows", "min_us", "avg_us", "max_us")},
    )


@contextmanager
def _timer_slack(libc: ctypes.CDLL, ns: int | None) -> Iterator[None]:
    """That of this thread, and so of what it starts meanwhile; None leaves it. Raises Unusable."""
    if ns is None:
        yield
        return
    before = libc.prctl(PR_GET_TIMERSLACK)
    if before < 0 or libc.prctl(PR_SET_TIMERSLACK, ctypes.c_ulong(ns)) < 0:
        raise Unusable(f"the system refuses a timer slack of {duration(ns)}")
    try:
        yield
    finally:
        libc.prctl(PR_SET_TIMERSLACK, ctypes.c_ulong(before))


def _run(
    command: tuple[str, ...], seconds: float, timer_slack_ns: int | None
) -> subprocess.CompletedProcess[str]:
    libc = ctypes.CDLL(None)
    try:
        with _timer_slack(libc, timer_slack_ns):
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
                check=False,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unusable(f"it cannot be run: {error}") from None
