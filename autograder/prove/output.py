"""Run the proof of some exercises and tell the result: as text, and as a dict for JSON.

1. Put every mistake, variant and empty notebook to the checks (`matrix`).
2. If asked for, put the automatic mutants to them too (`mutants`).
3. Print what happened; write it to a file, with the versions it was made with.
"""

import contextlib
import datetime
import json
import math
import os
import platform
import random
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from autograder.checks import Exercise, exercise
from autograder.paths import ROOT
from autograder.prove.kept import kept_for
from autograder.prove.matrix import MARGIN, prove, solution_failures
from autograder.prove.mutants import review, try_mutants
from autograder.prove.mutate import mutants_of, sources_of

MUTANT_SEEDS = 2  # sets of inputs for each mutant: what survives on any of them is reported
WIDTH = 100


def run(
    exercises: Iterable[str],
    seeds: int = 20,
    mutants: bool | int = False,
    out: Path | None = None,
    solution_seeds: int = 0,
) -> int:
    """Prove some exercises; print the report.

    Args:
        exercises: their names.
        seeds: how many sets of inputs to try, an int >= 1.
        mutants: False for no automatic mutants, True for all, a number for a sample of that many
            from each exercise.
        out: a folder that gets a file EXERCISE.json for each, as soon as it is done, or None.
        solution_seeds: how many sets of inputs to try the solution on; at least `seeds`.

    Returns:
        0 if everything is as it should be, 1 if not.
    """
    failed = False
    for name in exercises:
        made = provenance()  # of what it was begun with
        result = prove_with_mutants(exercise(name), seeds, mutants)
        result["solution_seeds"] = max(seeds, solution_seeds)
        if solution_seeds > seeds:
            result["failures"] += solution_failures(exercise(name), solution_seeds)
        print(report(result), flush=True)
        if out is not None:
            out.mkdir(exist_ok=True)
            text = json.dumps(
                without_infinities({"made": made} | result), indent=1, allow_nan=False
            )
            (out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        failed = failed or bool(result["failures"])
    return int(failed)


def prove_with_mutants(this: Exercise, seeds: int, mutants: bool | int) -> dict[str, Any]:
    """Return what `matrix.prove` does, with "mutants" from `mutants.review` if asked for.

    Args:
        this: the exercise.
        seeds, mutants: see `run`.
    """
    result = prove(this, seeds, progress)
    if mutants:
        every = [mutant for source in sources_of(this) for mutant in mutants_of(source)]
        complete = mutants is True or mutants >= len(every)
        chosen = every if complete else random.Random(0).sample(every, mutants)
        times = min(seeds, MUTANT_SEEDS)
        kept = kept_for(this, times) if complete else None
        jobs = os.cpu_count() or 1
        trials = try_mutants(this, chosen, times, jobs=jobs, progress=progress, kept=kept)
        result["mutants"] = review(this, trials, times, complete)
        result["failures"] = result["failures"] + result["mutants"].pop("failures")
    progress("")
    return result


def progress(text: str) -> None:
    """Show a line of progress where someone is looking."""
    if sys.stderr.isatty():
        print(f"\r{text:<79}" if text else f"\r{'':<79}\r", end="", file=sys.stderr, flush=True)


def report(result: dict[str, Any]) -> str:
    """Return the result of one exercise as text.

    Args:
        result: from `prove_with_mutants`.
    """
    parts = [head(result), matrix(result), margins(result)]
    if "mutants" in result:
        parts.append(mutants_text(result["mutants"]))
    if result["failures"]:
        parts.append("\n".join(["Failures:", *(f"  {line}" for line in result["failures"])]))
    parts.append(summary(result))
    return "\n\n".join(parts) + "\n"


def head(result):
    """Name the exercise and number its checks."""
    title = f"{result['exercise']}: {result['points']} points, {result['seeds']} sets of inputs"
    lines = [title, "=" * len(title)]
    for number, check in enumerate(result["checks"], start=1):
        lines.append(f"{number:>3}  {check['id']} ({check['points']})")
    return "\n".join(lines)


def matrix(result):
    """Draw mistakes against checks: X where one fails, ! where that is not what its entry says."""
    ids = [check["id"] for check in result["checks"]]
    width = max(len(row["id"]) for row in result["mistakes"]) if result["mistakes"] else 8
    lines = [f"{'':<{width}} " + "".join(f"{number:>3}" for number in range(1, len(ids) + 1))]
    for row in result["mistakes"]:
        cells = [cell(row, check, result["seeds"]) for check in ids]
        named = "" if row["diagnosed"] else "  not always named"
        lines.append(f"{row['id']:<{width}} " + "".join(f"{c:>3}" for c in cells) + named)
    lines.append("")
    lines += wrapped("Right: " + ", ".join(result["right"]))
    return "\n".join(lines)


def cell(row, check, seeds):
    """Return the sign of one mistake in one check."""
    times = row["failed"].get(check, 0)
    if times != (seeds if check in row["fails"] else 0):
        return "!"
    return "X" if times else "."


def margins(result):
    """Tabulate the tolerances and the errors on either side of them."""
    width = max(len(row["check"]) for row in result["margins"])
    lines = [f"{'':<{width}}  worst right   room  tolerance   room  nearest wrong"]
    for row in result["margins"]:
        tolerance, right, wrong = row["tolerance"], row["worst_right"], row["nearest_wrong"]
        if not tolerance:
            lines.append(f"{row['check']:<{width}}  facts only, {row['facts']} mistakes")
            continue
        below = f"{tolerance / right:.0e}" if right else "-"
        above = f"{wrong / tolerance:.0e}" if wrong else "-"
        nearest = f"{wrong:.1e} {row['nearest_wrong_of']}" if wrong is not None else "-"
        facts = f", {row['facts']} told by facts" if row["facts"] else ""
        lines.append(
            f"{row['check']:<{width}}  {right:>11.1e}  {below:>5}  {tolerance:>9.0e}  {above:>5}  "
            f"{nearest}{facts}"
        )
        if row["worst_passing"] and MARGIN * row["worst_passing"] > tolerance:
            close = (
                f"{row['worst_passing_of']} passes with {row['worst_passing']:.1e}, which is close"
            )
            lines.append(f"{'':<{width}}  {close}")
    return "\n".join(lines)


def mutants_text(found):
    """Tell what became of the mutants, and why survivors are right."""
    which = "all" if found["complete"] else "a sample"
    lines = wrapped(
        f"Mutants ({which}): {found['killed']} of {found['made']} noticed; "
        f"{sum(found['equivalent'].values())} right, {len(found['holes'])} holes. "
        f"{found['named']} were given a mistake's name, {found['exact']} of them fail just what "
        "that mistake fails."
    )
    kinds = (f"{kind} {n['killed']}/{n['made']}" for kind, n in found["kinds"].items())
    lines += wrapped("  noticed, by kind: " + ", ".join(kinds), "    ")
    for reason, count in found["ended"].items():
        lines.append(f"  without an answer: {count} ({reason})")
    for reason, count in found["equivalent"].items():
        lines += wrapped(f"  right, {count}: {reason}", "    ")
    return "\n".join(lines)


def summary(result):
    """Say in one line how it went."""
    named = result["diagnosed"]
    failures = len(result["failures"])
    verdict = f"{failures} FAILURE{'S' if failures > 1 else ''}" if failures else "proved"
    text = (
        f"{result['exercise']}: {verdict}; {named['of']} mistakes, {named['own']} always named; "
        f"{len(result['right'])} right answers; {result['seeds']} sets of inputs, "
        f"{result.get('solution_seeds', result['seeds'])} for the solution"
    )
    if "mutants" in result:
        text += f"; {result['mutants']['made']} mutants, {len(result['mutants']['holes'])} holes"
    return text


def wrapped(text, indent="  "):
    """Return a paragraph as lines."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def provenance() -> dict[str, str | None]:
    """Return what the result was made with: date, commit and versions."""
    git = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    versions = {"python": platform.python_version()}
    for package in ("numpy", "torch"):
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": git.stdout.strip() or None,
        **versions,
    }


def without_infinities(thing: Any) -> Any:
    """Return nested dicts and lists with "inf" for an infinity, which JSON does not know."""
    if isinstance(thing, dict):
        return {name: without_infinities(value) for name, value in thing.items()}
    if isinstance(thing, list):
        return [without_infinities(value) for value in thing]
    return "inf" if isinstance(thing, float) and math.isinf(thing) else thing
