# SPDX-License-Identifier: Apache-2.0
"""Where the runner asks for verdicts: which cases are measured again, and how the comparison ends.

Only here the runner knows makespan.compare, which is loaded late: it takes longer than a launch.
"""

from __future__ import annotations

from dataclasses import replace

from makespan.asked import asked_before
from makespan.columns import CASE_KEY
from makespan.files import read_json_object, write_json
from makespan.folder import Run
from makespan.plan import Case, plain_case


def confirming(run: Run) -> Run:
    """The run with the rounds that confirm it: as many again, of the suspicious cases only.

    Which they are is decided once, from the planned rounds, and recorded in plan.json; a run that is
    resumed keeps to it. `confirm_from_round` is set even if there is none.
    """
    if run.plan.confirmed is None:
        cases = _suspicious(run)
        again = [plain_case(case) for case in cases]
        write_json(run.folder.plan, {**read_json_object(run.folder.plan), "confirmed": again})
        run = replace(run, plan=replace(run.plan, confirmed=cases))
    run = replace(run, record=replace(run.record, confirm_from_round=run.plan.rounds + 1))
    run.write_environment()
    return run


def verdict(run: Run) -> int:
    """Prints the comparison, writes compare.md and compare.json, and returns its exit code."""
    from makespan.compare import compare_run

    return int(compare_run(run.folder.path))


def _suspicious(run: Run) -> tuple[Case, ...]:
    """In the order of the plan. A key that several cases share stands for all of them."""
    from makespan.compare import suspicious
    from makespan.samples import read_samples

    rules = asked_before(vars(run.record)).rules()
    keys = {tuple(key) for key in suspicious(read_samples(run.folder.samples), rules)}
    found = tuple(case for case in run.plan.cases if _key(case) in keys)
    unknown = keys - {_key(case) for case in found}
    if unknown:
        raise LookupError(f"suspicious, but not in the plan: {sorted(map(str, unknown))}")
    return found


def _key(case: Case) -> tuple[object, ...]:
    """As the rows of the case have it in CASE_KEY, None where a field is empty."""
    return tuple(getattr(case, name) for name in CASE_KEY)
