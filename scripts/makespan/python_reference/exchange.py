# SPDX-License-Identifier: Apache-2.0
"""What it costs that processes talk through the queues of multiprocessing: streams, ping-pong and rings.

As in the binaries the processes are there before the time starts, and every message is checked when it arrives.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from makespan.python_reference.columns import Columns, nearest_rank
from makespan.python_reference.experiment import Outcome, TraceRecord
from makespan.python_reference.linux import shared_numbers
from makespan.python_reference.message import Message, MessageMaker
from makespan.python_reference.results import FORK, said_of, started
from makespan.python_reference.work import MASK, SEED, VerificationError

Mode = Literal["stream", "ping_pong", "ring"]

_ROOM = 4 << 20  # bytes that a queue may hold, as in the binaries
_PATIENCE_S = 0.02  # how long a death may go unnoticed


@dataclass(frozen=True)
class Traffic:
    """stream: producers put, consumers take, through one queue. ping_pong: two tasks, each answers the other. ring:
    a token goes round, `messages` hops."""

    mode: Mode
    messages: int
    payload: int = 8
    producers: int = 1
    consumers: int = 1
    ring: int = 2
    seed: int = SEED

    @property
    def parts(self) -> int:
        return {"stream": self.producers + self.consumers, "ping_pong": 2, "ring": self.ring}[self.mode]

    @property
    def links(self) -> int:
        return {"stream": 1, "ping_pong": 2, "ring": self.ring}[self.mode]

    @property
    def capacity(self) -> int:
        if self.mode != "stream":
            return 2
        return min(max(_ROOM // (self.payload + 64), 16), 1024)

    def quota(self, producer: int) -> int:
        return self.messages // self.producers + (producer < self.messages % self.producers)


#: variant -> a queue of so many messages. A SimpleQueue holds what its pipe does.
QUEUES: dict[str, Callable[[int], Any]] = {
    "queue": lambda capacity: FORK.Queue(capacity),
    "simple_queue": lambda _capacity: FORK.SimpleQueue(),
}


class Exchange:
    """A process for each task of the traffic."""

    def __init__(self, traffic: Traffic, variant: str) -> None:
        self._traffic = traffic
        self._variant = variant

    def setup(self) -> None:
        traffic = self._traffic
        self._queues = [QUEUES[self._variant](traffic.capacity) for _ in range(traffic.links)]
        self._received = shared_numbers(2 * traffic.parts)  # how many, and the sum of their checksums
        self._trips = shared_numbers(traffic.messages if traffic.mode == "ping_pong" else 0)
        self._failures = FORK.SimpleQueue()
        self._arrived, self._done = FORK.Semaphore(0), FORK.Semaphore(0)
        waiting, self._gate = os.pipe()
        self._processes = started(self._play, ((part, waiting) for part in range(traffic.parts)))
        os.close(waiting)
        self._await(self._arrived, traffic.parts)

    def run(self) -> None:
        os.close(self._gate)
        if self._traffic.mode == "stream":
            self._await(self._done, self._traffic.producers)
            for _ in range(self._traffic.consumers):
                self._queues[0].put(None)
            self._await(self._done, self._traffic.consumers)
        else:
            self._await(self._done, self._traffic.parts)

    def teardown(self) -> None:
        for process in self._processes:
            process.join()

    def finish(self, submitted_ns: int, makespan_ns: int) -> Outcome:
        traffic = self._traffic
        checksum = self._verified()
        columns: Columns = {
            "checksum": checksum,
            "messages_per_second": traffic.messages * 1e9 / makespan_ns,
        }
        if traffic.mode != "ping_pong":
            return Outcome(columns)
        pairs = list(zip(self._trips[0::2], self._trips[1::2]))
        trips = sorted(end - start for start, end in pairs)
        columns |= {f"round_trip_p{n}_ns": nearest_rank(trips, n / 100) for n in (50, 99)}
        pid = self._processes[0].pid or 0
        records: Iterable[TraceRecord] = (
            (index, start - submitted_ns, end - submitted_ns, None, pid, pid)
            for index, (start, end) in enumerate(pairs)
        )
        return Outcome(columns, records)

    def _await(self, counter: Any, count: int) -> None:
        """Raises what a task raised, or RuntimeError if its process died."""
        for _ in range(count):
            while not counter.acquire(timeout=_PATIENCE_S):
                self._require_alive()
        self._require_alive()

    def _require_alive(self) -> None:
        if not self._failures.empty():
            raise VerificationError(self._failures.get())
        for number, process in enumerate(self._processes):
            if process.exitcode:
                raise RuntimeError(f"message process {number} ended with {said_of(process.exitcode)}")

    def _verified(self) -> int:
        traffic = self._traffic
        received = sum(self._received[0::2])
        checksum = sum(self._received[1::2]) & MASK
        if received != traffic.messages:
            raise VerificationError(f"{received} messages arrived where {traffic.messages} were sent")
        if traffic.mode == "stream":
            makers = [MessageMaker(n, traffic.payload, traffic.seed) for n in range(traffic.producers)]
            quotas = map(traffic.quota, range(traffic.producers))
            sent = sum(
                maker.make(number)[-1]
                for maker, count in zip(makers, quotas)
                for number in range(count)
            )
            if checksum != sent & MASK:
                raise VerificationError("as many messages arrived as were sent, but not the same ones")
        return checksum

    # In the processes.

    def _play(self, part: int, waiting: int) -> None:
        try:
            os.close(self._gate)
            traffic = self._traffic
            makers = [
                MessageMaker(n, traffic.payload, traffic.seed) for n in range(max(traffic.producers, 2))
            ]
            self._arrived.release()
            os.read(waiting, 1)  # until the gate is closed everywhere: it then opens
            if traffic.mode == "ring":
                self._pass_on(part, makers[0])
            elif traffic.mode == "ping_pong":
                self._ping(makers) if part == 0 else self._pong(makers)
            elif part < traffic.producers:
                self._produce(part, makers[part])
            else:
                self._consume(part, makers)
            self._done.release()
        except VerificationError as error:
            self._failures.put(str(error))

    def _produce(self, producer: int, maker: MessageMaker) -> None:
        queue = self._queues[0]
        for sequence in range(self._traffic.quota(producer)):
            queue.put(maker.make(sequence))
        queue.close()
        if self._variant == "queue":
            queue.join_thread()  # what was put is in the pipe then

    def _consume(self, part: int, makers: list[MessageMaker]) -> None:
        queue = self._queues[0]
        due = [0] * self._traffic.producers
        count = checksum = 0
        while (message := queue.get()) is not None:
            producer, sequence, _, _, carried = message
            if message != makers[producer].make(sequence):
                raise VerificationError(f"message {sequence} of producer {producer} arrived damaged")
            if sequence < due[producer]:
                raise VerificationError(
                    f"message {sequence} of producer {producer} arrived again or too late"
                )
            due[producer] = sequence + 1
            count += 1
            checksum += carried
        self._tell(part, count, checksum)

    def _ping(self, makers: list[MessageMaker]) -> None:
        out, back = self._queues[1], self._queues[0]
        checksum = 0
        for number in range(0, self._traffic.messages, 2):
            ping = makers[0].make(number)
            self._trips[number] = time.monotonic_ns()
            out.put(ping)
            pong = back.get()
            self._trips[number + 1] = time.monotonic_ns()
            checksum += _due(pong, makers[1].make(number + 1))
        self._tell(0, self._traffic.messages // 2, checksum)

    def _pong(self, makers: list[MessageMaker]) -> None:
        out, back = self._queues[0], self._queues[1]
        checksum = 0
        for number in range(0, self._traffic.messages, 2):
            checksum += _due(back.get(), makers[0].make(number))
            out.put(makers[1].make(number + 1))
        self._tell(1, self._traffic.messages // 2, checksum)

    def _pass_on(self, part: int, maker: MessageMaker) -> None:
        tasks, hops = self._traffic.ring, self._traffic.messages
        out, into = self._queues[(part + 1) % tasks], self._queues[part]
        count = checksum = 0
        if part == 0:
            out.put(maker.make(0))
        for hop in range((part + tasks - 1) % tasks, hops, tasks):
            checksum += _due(into.get(), maker.make(hop))
            count += 1
            if hop + 1 < hops:
                out.put(maker.make(hop + 1))
        self._tell(part, count, checksum)

    def _tell(self, part: int, count: int, checksum: int) -> None:
        self._received[2 * part] = count
        self._received[2 * part + 1] = checksum & MASK


def _due(message: Message, expected: Message) -> int:
    if message != expected:
        raise VerificationError(
            f"message {message[1]} of task {message[0]} arrived where message "
            f"{expected[1]} of task {expected[0]} was due, or damaged"
        )
    return message[-1]
