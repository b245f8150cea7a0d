# SPDX-License-Identifier: Apache-2.0
"""What is said of a comparison: on a terminal, as Markdown for a CI job summary, and as JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from makespan import units
from makespan.casekey import batch_of_key, benchmark_of, contender_of_key, fields_of, title_of
from makespan.comparison import Comparison, Side
from makespan.decisions import CONFIRM_SHARE, Outcome
from makespan.errors import Exit
from makespan.metrics import titles
from makespan.render import markdown_list, markdown_table, rich_table
from makespan.tables import NONE, Table
from makespan.verdicts import Verdict

SCHEMA_VERSION = 1

#: Up to so many cases are all shown on the terminal, otherwise those that changed or are inconclusive.
FEW_CASES = 40

_ORDER = tuple(Outcome)
_MARKS = {Outcome.SLOWER: "▲", Outcome.FASTER: "▼", Outcome.SAME: "=", Outcome.INCONCLUSIVE: "?"}


def sentence(comparison: Comparison) -> str:
    """The verdict in one sentence, by cases; failures are told in another one."""
    outcomes = Counter(comparison.by_case.values())
    total = units.count(len(comparison.by_case), "case")
    if comparison.unfinished:
        return f"No verdict: the run of {total} was interrupted."
    if outcomes[Outcome.SLOWER]:
        worst = comparison.having(Outcome.SLOWER)[0]
        return (
            f"Slower: {outcomes[Outcome.SLOWER]} of {total}, the most {title_of(worst.case)}: {_change(worst)} "
            f"{worst.metric.title} ({_ends(worst)})."
        )
    open_ = comparison.having(Outcome.INCONCLUSIVE)
    again = comparison.left_open
    if again and len(open_) < len(comparison.deciding):
        return (
            f"No verdict: {units.count(len({v.case for v in again}), 'suspicious case')} of {total} measured again "
            f"too seldom: {again[0].needed} needed."
        )
    if comparison.exit_code is Exit.NO_VERDICT or len(open_) == len(comparison.deciding):
        few = [verdict for verdict in open_ if not verdict.enough]
        if few and len(few) == len(open_):
            return f"No verdict: too few launches in all of {total}: {few[0].needed} needed."
        short = len({verdict.case for verdict in few})
        return f"No verdict: {units.count(len(comparison.by_case) - short, 'case')} of {total} too noisy" + (
            f", {short} with too few launches." if short else "."
        )
    words = ((Outcome.FASTER, "faster"), (Outcome.SAME, "the same"), (Outcome.INCONCLUSIVE, "inconclusive"))
    found = [f"{outcomes[outcome]} {what}" for outcome, what in words if outcomes[outcome]]
    return f"None of {total} is slower: {', '.join(found)}."


def print_comparison(comparison: Comparison, console: Console) -> None:
    """The verdict, what changed, and the rest if it is not long."""
    failed = [str(failure) for failure in comparison.failures]
    console.print(Text(sentence(comparison), style="bold"), soft_wrap=True)
    _print_list(console, "Failed now and not in the baseline:", failed)
    everything = len(comparison.by_case) <= FEW_CASES
    shown = [
        verdict
        for verdict in _sorted(comparison.deciding)
        if everything or verdict.outcome is not Outcome.SAME
    ]
    if shown:
        console.print(rich_table(_table(shown)))
    others = [v for v in _sorted(comparison.verdicts) if not v.decides and v.changed]
    if others:
        console.print(Text("Changed, but does not decide (--metric):"), soft_wrap=True)
        console.print(rich_table(_table(others)))
    hidden = 0 if everything else list(comparison.by_case.values()).count(Outcome.SAME)
    if hidden:
        console.print(Text(f"{units.count(hidden, 'more case')} the same."), soft_wrap=True)
    for line in _lines(comparison):
        console.print(Text(line), soft_wrap=True)
    _print_list(console, "Warnings:", comparison.warnings)


def markdown(comparison: Comparison) -> str:
    """For a CI job summary: verdict first, then only what changed, then the rest folded."""
    code = comparison.exit_code
    heading = {Exit.REGRESSION: "slower", Exit.FAILED: "failed", Exit.NO_VERDICT: "no verdict"}
    lines = [f"## makespan: {heading.get(code, 'not slower')}", "", sentence(comparison)]
    failures = [str(failure) for failure in comparison.failures]
    lines += markdown_list("Failed now and not in the baseline", failures, level=3)
    changed = [verdict for verdict in _sorted(comparison.deciding) if verdict.changed]
    if changed:
        lines += ["", "### Changed", "", *markdown_table(_table(changed))]
    others = [v for v in _sorted(comparison.verdicts) if not v.decides and v.changed]
    if others:
        lines += ["", "### Changed, but does not decide", "", *markdown_table(_table(others))]
    rest = [verdict for verdict in _sorted(comparison.deciding) if not verdict.changed]
    if rest:
        same = sum(verdict.outcome is Outcome.SAME for verdict in rest)
        title = f"{units.count(len(rest), 'more verdict')}: {same} the same, {len(rest) - same} inconclusive"
        lines += _folded(title, markdown_table(_table(rest)))
    reported = [v for v in _sorted(comparison.verdicts) if not v.decides and not v.changed]
    if reported:
        lines += _folded(
            f"{units.count(len(reported), 'more verdict')} that do not decide, unchanged",
            markdown_table(_table(reported)),
        )
    lines += markdown_list("Warnings", comparison.warnings, level=3)
    lines += ["", *(f"{line}  " for line in _lines(comparison))]
    return "\n".join([*lines, ""])


def as_json(comparison: Comparison) -> str:
    """The schema is in reports/README.md. What is not known is null."""
    rules = comparison.rules
    benchmarks = sorted({benchmark_of(verdict.case) for verdict in comparison.verdicts})
    value = {
        "schema_version": SCHEMA_VERSION,
        "exit_code": int(comparison.exit_code),
        "sentence": sentence(comparison),
        "paired": rules.paired,
        "current": _side(comparison.current),
        "baseline": _side(comparison.baseline),
        "settings": {
            "alpha": rules.alpha,
            "confirm": rules.screened,
            "confirm_alpha": CONFIRM_SHARE * rules.alpha if rules.screened else None,
            "metrics": [metric.name for metric in comparison.metrics],
            "min_effect": {name: rules.min_effects.of(name) for name in benchmarks},
        },
        "warnings": list(comparison.warnings),
        "failures": [
            {"case": fields_of(f.case), "title": title_of(f.case), "status": f.status, "error": f.reason}
            for f in comparison.failures
        ],
        "verdicts": [_plain(verdict) for verdict in _sorted(comparison.verdicts)],
    }
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def terminal(comparison: Comparison) -> str:
    """print_comparison() as text, for a file."""
    console = Console(width=160, no_color=True, force_terminal=False)
    with console.capture() as captured:
        print_comparison(comparison, console)
    return captured.get()


#: Format -> text of it.
FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "terminal": terminal,
    "markdown": markdown,
    "json": as_json,
}


def _table(verdicts: Sequence[Verdict]) -> Table:
    header = ("verdict", "batch", "model", "metric", "baseline", "current", "change", "95 % interval")
    numeric = frozenset(("baseline", "current", "change", "95 % interval", "n"))
    return Table((*header, "n", "note"), numeric, [_row(verdict) for verdict in verdicts])


def _row(verdict: Verdict) -> list[str]:
    metric = verdict.metric
    measured = [metric.show_cost(value) for value in (verdict.baseline, verdict.current)]
    note = verdict.why
    if verdict.suspicion is not None and not note:
        note = f"measured again; {_percent(verdict.suspicion)} at first"
    return [
        f"{_MARKS[verdict.outcome]} {verdict.outcome.value}",
        str(batch_of_key(verdict.case)),
        contender_of_key(verdict.case),
        metric.title,
        *measured,
        _change(verdict),
        _ends(verdict),
        str(verdict.n),
        note or NONE,
    ]


def _lines(comparison: Comparison) -> list[str]:
    """What was compared with what, and by which rules."""
    rules = comparison.rules
    effects: dict[float, list[str]] = {}
    for benchmark in dict.fromkeys(benchmark_of(verdict.case) for verdict in comparison.deciding):
        effects.setdefault(rules.min_effects.of(benchmark), []).append(benchmark)
    least = ", ".join(f"{units.percent(e)} ({', '.join(names)})" for e, names in effects.items())
    design = "measured by turns, block by block" if rules.paired else "two runs, not measured by turns"
    confirm = ", suspicious cases measured again" if rules.screened else ""
    return [
        f"current {comparison.current.name} · baseline {comparison.baseline.name} · {design}{confirm}",
        f"decided by {titles(comparison.metrics or rules.deciding)} · alpha {units.significant(rules.alpha)} over all cases "
        f"(Holm) · minimum effect {least} · more than 0 % is worse",
    ]


def _sorted(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """By outcome, within it the largest change first."""

    def place(verdict: Verdict) -> tuple[int, float]:
        size = abs(math.log(verdict.ratio)) if verdict.ratio > 0 else 0.0
        return _ORDER.index(verdict.outcome), -size

    return sorted(verdicts, key=place)


def _change(verdict: Verdict) -> str:
    return _percent(verdict.ratio)


def _ends(verdict: Verdict) -> str:
    if math.isnan(verdict.low) or math.isnan(verdict.high):
        return NONE
    return f"{_percent(verdict.low)} … {_percent(verdict.high)}"


def _percent(ratio: float) -> str:
    """1.0521 as `+5.21 %`."""
    if math.isnan(ratio):
        return NONE
    share = 100 * (ratio - 1)
    places = 0 if abs(share) >= 100 else 1 if abs(share) >= 10 else 2
    return f"{share:+.{places}f} %".replace("-", "−")


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def _print_list(console: Console, title: str, entries: Sequence[str]) -> None:
    if entries:
        console.print(Text(title), soft_wrap=True)
    for entry in entries:
        console.print(Text(f"  {units.one_line(entry, most=600)}"), soft_wrap=True)


def _side(side: Side) -> dict[str, Any]:
    ids = list(dict.fromkeys(side.samples["run_id"].tolist()))
    shas: list[str] = list(dict.fromkeys(filter(None, side.samples["git_sha"].tolist())))
    return {"path": str(side.path), "name": side.name, "run_ids": ids, "git_shas": shas}


def _plain(verdict: Verdict) -> dict[str, Any]:
    def known(value: float | None) -> float | None:
        return None if value is None or math.isnan(value) else value

    return {
        "case": fields_of(verdict.case),
        "title": title_of(verdict.case),
        "metric": verdict.metric.name,
        "verdict": verdict.outcome.value,
        "decides": verdict.decides,
        "ratio": known(verdict.ratio),
        "low": known(verdict.low),
        "high": known(verdict.high),
        "n": verdict.n,
        "p": known(verdict.p),
        "p_adjusted": known(verdict.adjusted_p),
        "min_effect": verdict.min_effect,
        "enough": verdict.enough,
        "suspicious": verdict.suspicious,
        "measured_again": verdict.suspicion is not None,
        "ratio_at_first": known(verdict.suspicion),
        "current": known(verdict.current),
        "baseline": known(verdict.baseline),
        "why": verdict.why,
    }
