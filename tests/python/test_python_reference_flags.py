# SPDX-License-Identifier: Apache-2.0
"""The command line of the Python reference."""

from __future__ import annotations

import pytest
from makespan.python_reference.options import parse
from makespan.python_reference.suite import registry, trials


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--benchmark=sleeps",), "--benchmark: 'sleeps'; allowed: sleep, compute, mixed, messages, pipeline"),
        (("--models=python",), "--models: 'python'; allowed: python_serial"),
        (("--models=python_serial,",), "--models: ''; allowed:"),
        (("--variant=bare",), "--variant: 'bare'; allowed: default, loop"),
        (("--tasks=0",), "--tasks: '0'; allowed: a whole number from 1 to 100000000"),
        (("--tasks=10,x",), "--tasks: 'x'; allowed: a whole number"),
        (("--sleep=5",), "--sleep: '5'; allowed: a number with a unit ns, us, ms, s or min"),
        (("--sleep=-1ms",), "--sleep: '-1ms'; allowed:"),
        (("--sleep=25h",), "--sleep: '25h'; allowed:"),
        (("--workers=0",), "--workers: '0'; allowed:"),
        (("--timeout=0s",), "--timeout: '0s'; allowed: a number with a unit ns, us, ms, s or min, as 10ms or 1.5s, above 0"),
        (("--ns-per-iteration=0",), "--ns-per-iteration: '0'; allowed: a number above 0"),
        (("--csv=",), "--csv: ''; allowed: the name of a file"),
        (("--csv=-", "--trace=-"), "--trace: '-'; allowed: a file"),
        (("--no-records", "--trace=x"), "--trace: not with --no-records"),
        (("--pin=4096",), "--pin: '4096'; allowed: CPUs that may be used here"),
        (("--launch=0",), "--launch: '0'; allowed:"),
        (("--payload=8",), "unrecognized arguments: --payload=8"),
        (("--benchmark=mixed", "--length=1ms"), "--length: goes together with --cpu-share"),
        (("--benchmark=mixed", "--length=1ms", "--cpu-share=2"), "--cpu-share: '2'; allowed: a number from 0 to 1"),
        (("--benchmark=messages", "--mode=ring", "--producers=2"), "--producers: of --mode=stream only"),
        (("--benchmark=messages", "--payload=70000"), "--payload: '70000'; allowed: a whole number from 1 to 65536"),
        (("--benchmark=pipeline", "--pattern=a\nb"), "allowed: a text without line ends"),
        (("--benchmark=pipeline", "--text=x", "--tasks=3"), "--text: not with --tasks"),
    ],
)  # fmt: skip
def test_a_bad_flag_is_told_with_its_value_and_what_is_allowed(
    flags: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(flags, registry)
    assert ended.value.code == 2 and said in capsys.readouterr().err


def test_lists_span_the_grid() -> None:
    flags = ("--tasks=1,2", "--sleep=1ms,1500us", "--workers=2,3", "--models=python_pool,python_serial")
    found = [trial.name for trial in trials(parse(flags, registry))]
    assert len(found) == len(set(found)) == 2 * 2 * 2 + 2 * 2
    assert "sleep/python_pool/tasks:2/sleep:1500us/processes:3/threads:1" in found


def test_the_flags_of_a_case_select_just_this_case() -> None:
    for benchmark in ("sleep", "compute", "mixed", "messages", "pipeline"):
        for trial in trials(parse((f"--benchmark={benchmark}", "--ns-per-iteration=2"), registry)):
            (again,) = trials(parse((*trial.flags, "--ns-per-iteration=2"), registry))
            assert (again.name, again.described) == (trial.name, trial.described)
