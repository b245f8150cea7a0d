# SPDX-License-Identifier: Apache-2.0
"""From the flags to the cases of tasks that talk: messages, and pipelines of greps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from makespan.errors import UsageError
from makespan.python_reference.exchange import QUEUES, Exchange, Traffic
from makespan.python_reference.limits import Need
from makespan.python_reference.options import Options
from makespan.python_reference.pipelines import PIPELINES, PipelineExperiment, PipelineInfo
from makespan.python_reference.text import PATTERN, fingerprint, generate, lines_of
from makespan.python_reference.trial import Trial, joined

QUEUE = "python_queue"
_BENCHMARKS = {"stream": "messages", "ping_pong": "ping_pong", "ring": "ring"}
_DEFAULT_HOPS, _LEAST_ROUNDS = 20_000, 20
_DEFAULT_LINES = 100_000
# Generous times of a message and of a line in a stage.
_MESSAGE_NS, _BYTE_NS, _LINE_NS = 2_000_000, 20, 100_000


def message_trials(options: Options) -> Iterator[Trial]:
    for _, variant in options.selected([(QUEUE, name) for name in QUEUES], lambda pair: pair):
        for traffic in _traffics(options):
            yield _message_trial(options, variant, traffic)


def _traffics(options: Options) -> Iterator[Traffic]:
    for mode in options.modes or ["stream", "ping_pong"]:
        if mode == "stream":
            for payload in options.payload or [8, 1024, 65536]:
                for messages in options.tasks or [max(2000, 10_000_000 // (1000 + payload))]:
                    for producers in options.producers or [1]:
                        for consumers in options.consumers or [1]:
                            yield Traffic("stream", messages, payload, producers, consumers)
        elif mode == "ping_pong":
            for payload in options.payload or [8]:
                for messages in options.tasks or [10_000]:
                    yield Traffic("ping_pong", messages + messages % 2, payload)
        else:
            for tasks in options.tasks or [2, 10, 100]:
                hops = options.hops or max(_DEFAULT_HOPS, _LEAST_ROUNDS * tasks)
                yield Traffic("ring", -(-hops // tasks) * tasks, ring=tasks)


def _message_trial(options: Options, own: str, traffic: Traffic) -> Trial:
    ring = traffic.mode == "ring"
    ends = f"{traffic.producers}to{traffic.consumers}"
    variant = joined(own, "" if ends == "1to1" else ends, options.tags)
    tasks = traffic.ring if ring else traffic.messages
    benchmark = _BENCHMARKS[traffic.mode]
    flags = ["--benchmark=messages", f"--models={QUEUE}", f"--variant={own}", f"--mode={traffic.mode}"]
    flags += [f"--tasks={tasks}", f"--hops={traffic.messages}" if ring else f"--payload={traffic.payload}"]
    if traffic.mode == "stream":
        flags += [f"--producers={traffic.producers}", f"--consumers={traffic.consumers}"]
    size = f"hops:{traffic.messages}" if ring else f"payload:{traffic.payload}"
    return Trial(
        name=f"{benchmark}/{QUEUE}/{variant}/tasks:{tasks}/{size}",
        flags=(*flags, *options.scheduling_flags),
        described={
            "benchmark": benchmark,
            "model": QUEUE,
            "tasks": tasks,
            "processes": traffic.parts,
            "threads": 1,
            "payload_bytes": None if ring else traffic.payload,
            "variant": variant,
        },
        need=Need(processes=traffic.parts + 1, threads=traffic.parts, files=32 + 2 * (traffic.links + traffic.parts)),
        allowance_ns=traffic.messages * (_MESSAGE_NS + _BYTE_NS * traffic.payload),
        make=partial(Exchange, traffic, own),
    )


def pipeline_trials(options: Options) -> Iterator[Trial]:
    for lines in options.tasks or [_DEFAULT_LINES]:
        source = cache(partial(_text_of, options.text, lines))
        count, tag = lines, ""
        if options.text:
            count, tag = len(lines_of(source())), f"text-{fingerprint(source(), options.pattern)}"
        elif options.pattern != PATTERN:
            tag = f"pattern-{fingerprint(source(), options.pattern)}"
        for info in options.selected(PIPELINES, lambda info: (info.model, info.variant)):
            for stages in options.stages or [1, 4, 16]:
                variant = joined(info.variant, tag, options.tags)
                yield Trial(
                    name="/".join(
                        filter(None, ["pipeline", info.model, variant, f"tasks:{count}", f"stages:{stages}"])
                    ),
                    flags=(
                        *("--benchmark=pipeline", f"--models={info.model}"),
                        *(f"--variant={info.variant or 'default'}", f"--stages={stages}"),
                        "--pattern=" + options.pattern.decode("utf-8", "surrogateescape"),
                        f"--text={options.text}" if options.text else f"--tasks={lines}",
                        *options.scheduling_flags,
                    ),
                    described={
                        "benchmark": "pipeline",
                        "model": info.model,
                        "tasks": count,
                        "processes": 1,
                        "threads": 1,
                        "stages": stages,
                        "variant": variant,
                    },
                    need=Need(bytes=300 * count),
                    allowance_ns=_LINE_NS * count * stages,
                    make=partial(_pipeline, info, source, options.pattern, stages),
                )


def _pipeline(info: PipelineInfo, source: Callable[[], bytes], pattern: bytes, stages: int) -> PipelineExperiment:
    return PipelineExperiment(info, source(), pattern, stages)


def _text_of(file: str, lines: int) -> bytes:
    try:
        return Path(file).read_bytes() if file else generate(lines)
    except OSError as error:
        raise UsageError(f"--text: {file}: {error.strerror}; allowed: a file that can be read") from None
