# SPDX-License-Identifier: Apache-2.0
"""Made-up batches of tasks that talk: every transport has its own price. Seeded noise, no clock read."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import synthetic
from makespan.columns import COLUMNS, TRACE_COLUMNS, names

RUN_ID = "20250131T120000Z-made-up"
HOPS = 20_000

#: model, own variant -> ns per message, ns per byte, ns per round trip, ns per hop (0: no such ring)
PRICES: dict[tuple[str, str], tuple[float, float, float, float]] = {
    ("threads", "queue"): (200, 0.10, 9_000, 4_600),
    ("threads", "tbb_queue"): (300, 0.11, 11_000, 0),
    ("threads", "pipe"): (640, 0.32, 8_600, 3_900),
    ("processes", "shared_queue"): (100, 0.08, 8_000, 5_000),
    ("processes", "pipe"): (820, 0.33, 9_400, 5_600),
    ("processes", "socket_pair"): (1_500, 0.35, 13_000, 0),
    ("processes", "posix_queue"): (900, 0.40, 11_500, 0),
    ("processes", "bare_ring"): (25, 0.06, 240, 0),
    ("event_loop", "channel"): (30, 0.02, 90, 31),
    ("event_loop", "pipe"): (1_100, 0.45, 2_900, 1_350),
}
#: model, own variant -> ns per line and stage, and how many stages work at once
STAGES: dict[tuple[str, str], tuple[float, float]] = {
    ("serial", ""): (24, 1),
    ("coroutines", "push"): (29, 1),
    ("coroutines", "pull"): (34, 1),
    ("threads", ""): (190, 2),
    ("processes", ""): (48, 2),
    ("tbb_pool", "pipeline"): (95, 2),
}
POSIX_LIMIT = 8_192


@dataclass(frozen=True)
class Talk:
    """One case to be made up; `variant` is that of the CSV."""

    benchmark: str
    model: str
    variant: str
    tasks: int
    payload_bytes: int | None = None
    stages: int | None = None
    status: str = "ok"
    error: str = ""

    @property
    def key(self) -> dict[str, object]:
        """The columns that tell the case from others, None for not applicable."""
        return {
            "benchmark": self.benchmark,
            "model": self.model,
            "variant": self.variant,
            "tasks": self.tasks,
            "processes": 2 if self.model == "processes" else 1,
            "threads": 2 if self.model == "threads" else 1,
            "sleep_ns": None,
            "compute_ns": None,
            "payload_bytes": self.payload_bytes,
            "stages": self.stages,
        }

    @property
    def own(self) -> tuple[str, str]:
        parts = [p for p in self.variant.split("+") if not p.startswith("text-") and not p[:1].isdigit()]
        return self.model, "+".join(parts)

    @property
    def count(self) -> int:
        """Messages, hops or lines."""
        return HOPS if self.benchmark == "ring" else self.tasks

    @property
    def each_ns(self) -> float:
        """Time per message, hop or line."""
        if self.benchmark == "pipeline":
            each, at_once = STAGES[self.own]
            stages = self.stages or 0
            return 12 + each * stages / min(at_once, stages)
        message, byte, round_trip, hop = PRICES.get(self.own, PRICES["threads", "pipe"])
        if self.benchmark == "messages":
            crowd = 1 + 0.4 * (self.variant.count("to"))
            return (message + byte * (self.payload_bytes or 0)) * crowd
        return round_trip / 2 if self.benchmark == "ping_pong" else hop * (1 + self.tasks / 2_000)


def messages(
    payloads: Iterable[int] = (8, 1_024, 65_536), peers: Iterable[str] = ("",)
) -> Iterator[Talk]:
    for to in peers:
        for size in payloads:
            tasks = 5_000 if size > 8_192 else 100_000
            for model, own in PRICES:
                if own != "posix_queue" or size <= POSIX_LIMIT:
                    yield Talk("messages", model, f"{own}+{to}" if to else own, tasks, size)


def ping_pong(payloads: Iterable[int] = (8,), tasks: int = 2_000) -> Iterator[Talk]:
    return (Talk("ping_pong", *key, tasks, size) for size in payloads for key in PRICES)


def rings(sizes: Iterable[int] = (2, 16, 128)) -> Iterator[Talk]:
    return (Talk("ring", *key, n) for n in sizes for key, price in PRICES.items() if price[3])


def pipelines(
    stages: Iterable[int] = (1, 4, 16), tasks: int = 100_000, text: bool = False
) -> Iterator[Talk]:
    for count in stages:
        for model, own in STAGES:
            variant = "+".join(filter(None, [own, "text-1a2b3c4d" if text else ""]))
            yield Talk("pipeline", model, variant, tasks, None, count)


def quick() -> list[Talk]:
    """As the preset has them."""
    return [*messages(), *ping_pong(), *rings(), *pipelines()]


def trips(talk: Talk, dice: random.Random) -> list[float]:
    """Round trips in ns: most alike, some that waited for a wake-up, few that met something else."""
    usual = 2 * talk.each_ns
    found = []
    for _ in range(talk.tasks // 2):
        kind = dice.random()
        late = 60_000 * dice.paretovariate(1.4) if kind < 0.004 else 0.0
        late += dice.expovariate(1 / (usual * 0.6)) if kind > 0.8 else 0.0
        found.append(usual * dice.lognormvariate(0, 0.08) + late)
    return found


def measured(talk: Talk, dice: random.Random) -> dict[str, object]:
    """The columns of one batch that went well."""
    makespan = talk.count * talk.each_ns * (1 + abs(dice.gauss(0, 0.02)))
    row: dict[str, object] = {
        "setup_ns": 40_000,
        "makespan_ns": round(makespan),
        "teardown_ns": 20_000,
        "user_cpu_ns": round(makespan * 0.9),
        "system_cpu_ns": round(makespan * 0.6),
        "peak_rss_bytes": 4_000_000,
        "messages_per_second": talk.count / makespan * 1e9,
        "steal_ns": 0,
        "checksum": 12345,
    }
    if talk.benchmark == "ping_pong":
        times = sorted(trips(talk, dice))
        row["round_trip_p50_ns"] = round(times[(len(times) - 1) // 2])
        row["round_trip_p99_ns"] = round(times[-1 - len(times) // 100])
    return row


def rows(talks: Iterable[Talk], rounds: int = 6, seed: int = 1) -> list[synthetic.Row]:
    """One row a case and round, in order of `sequence`."""
    dice, found = random.Random(seed), []
    for number in range(1, rounds + 1):
        for talk in talks:
            row: dict[str, object] = {
                "schema_version": 1,
                "run_id": RUN_ID,
                "launch": len(found) + 1,
                "round": number,
                "sequence": len(found) + 1,
                "timestamp_utc": "2025-01-31T12:00:00Z",
                **{name: "" if value is None else value for name, value in talk.key.items()},
                "status": talk.status,
                "error": talk.error,
                **(measured(talk, dice) if talk.status == "ok" else {}),
            }
            found.append({name: str(row.get(name, "")) for name in names(COLUMNS)})
    return found


def trace(samples: Iterable[synthetic.Row], seed: int = 2) -> list[synthetic.Row]:
    """One line per round trip of the rows that are a ping-pong."""
    dice, lines = random.Random(seed), []
    for row in samples:
        if row["benchmark"] != "ping_pong" or row["status"] != "ok":
            continue
        own = {name: row[name] for name in names(TRACE_COLUMNS) if name in row}
        sent = 0.0
        talk = Talk("ping_pong", row["model"], row["variant"], int(row["tasks"]), 8)
        for task, length in enumerate(trips(talk, dice)):
            times = {"task": task, "start_ns": round(sent), "end_ns": round(sent + length)}
            place = {"process": 4_000, "thread": 4_000, "cpu": 0}
            lines.append({**own, **{k: str(v) for k, v in {**times, **place}.items()}})
            sent += length + 50
    return lines
