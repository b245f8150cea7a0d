# SPDX-License-Identifier: Apache-2.0
"""Waiting for a child or a signal without a thread and without polling: a wait that woke up now and
then would take CPU time from what is being measured."""

from __future__ import annotations

import select
import signal
import socket
import subprocess
import time
from types import FrameType, TracebackType
from typing import Any

_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_DRAIN_BYTES = 4096


class Signals:
    """While it is entered, SIGINT, SIGTERM and SIGHUP are noted here instead of raising.

    A signal that was ignored when we were started (nohup, a background job) stays ignored.
    """

    def __init__(self) -> None:
        self.received: list[signal.Signals] = []
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._before: dict[signal.Signals, Any] = {}
        self._wakeup = -1

    def __enter__(self) -> Signals:
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (*_STOP, signal.SIGCHLD):
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._reader.close()
        self._writer.close()

    @property
    def stop(self) -> signal.Signals | None:
        """The first signal that asked us to stop."""
        return self.received[0] if self.received else None

    def wait(self, process: subprocess.Popen[bytes], seconds: float, known: int) -> bool:
        """True as soon as the process has ended; False when the time is over, or when more stop
        signals have come than the `known` ones."""
        deadline = time.monotonic() + seconds
        while process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0 or len(self.received) > known:
                return False
            if select.select([self._reader], [], [], left)[0]:
                self._reader.recv(_DRAIN_BYTES)
        return True

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.received.append(signal.Signals(number))
