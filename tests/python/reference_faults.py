# SPDX-License-Identifier: Apache-2.0
"""Runs batches of the Python reference with a fault in one task and prints how each ended, as JSON.

A program of its own, because cells are forked: the process of the tests is no place for that.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import get_args

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "scripts")]

from makespan.python_reference.cell import run_in_cell  # noqa: E402
from makespan.python_reference.exchange import Exchange, Traffic  # noqa: E402
from makespan.python_reference.message import MessageMaker  # noqa: E402
from makespan.python_reference.model import Shape  # noqa: E402
from makespan.python_reference.tasks import MODELS, TaskExperiment  # noqa: E402
from makespan.python_reference.work import Fault, FaultKind, Work  # noqa: E402

TASKS = 4
#: What only ends when its time is over: here the shortest in which the others start for sure.
SECONDS = {"kill": 0.5, "hang": 0.2}


def left() -> bool:
    """Whether any process is left: all of them are ours, as we adopt orphans."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def of_tasks() -> list[object]:
    found: list[object] = []
    for info in MODELS:
        for kind in get_args(FaultKind):
            if kind == "hang" and (
                info.variant or info.name not in ("python_serial", "python_process", "python_pool")
            ):
                continue
            work = Work("sleep", 1000, fault=Fault(kind, 2))
            experiment = TaskExperiment(info, work, TASKS, info.shape(TASKS, Shape(2, 1)), 0)
            waits = kind == "hang" or (kind == "kill" and info.name == "python_pool")
            end = run_in_cell(experiment, SECONDS[kind] if waits else 20.0)
            found.append([f"{info.name}/{info.variant}", kind, end.status, end.error, left()])
    return found


class Damaging(MessageMaker):
    """Makes one message with a byte that is wrong, and whoever takes it expects the right one."""

    def make(self, sequence: int):  # type: ignore[no-untyped-def]
        *head, body, checksum = super().make(sequence)
        if sys._getframe(1).f_code.co_name == "_produce" and sequence == 3:
            body = body[:-1] + b"?"
        return (*head, body, checksum)


class Losing(Exchange):
    def _produce(self, producer: int, maker: MessageMaker) -> None:
        for sequence in (0, 1, 3):
            self._queues[0].put(maker.make(sequence))
        self._queues[0].close()


class Dying(Exchange):
    def _consume(self, part: int, makers: list[MessageMaker]) -> None:
        os.kill(os.getpid(), 9)


def of_messages() -> list[object]:
    from makespan.python_reference import exchange

    found: list[object] = []
    for kind, made in (("lost", Losing), ("died", Dying), ("damaged", Exchange)):
        if kind == "damaged":
            exchange.MessageMaker = Damaging  # type: ignore[misc]
        end = run_in_cell(made(Traffic("stream", 4, 100), "simple_queue"), 20.0)
        found.append(["python_queue/simple_queue", kind, end.status, end.error, left()])
    return found


if __name__ == "__main__":
    print(json.dumps([*of_tasks(), *of_messages()]))
