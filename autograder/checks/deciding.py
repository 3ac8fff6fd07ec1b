"""The deciding half of a check: a pure function of the answers and of the key.

It is copied into each exercise's check file, and it is what the judge runs on the trusted side.
The key holds outputs only: what the reference answers to each case, and what each mistake answers.
"""

import numpy as np


def error_between(got, expected, absolute=False):
    """Measure how far one answer is from another.

    Args:
        got: a plain answer: an array, a bool, a str, or None where there is none.
        expected: likewise.
        absolute: leave the difference as it is, for answers that should be 0.

    Returns:
        For arrays the largest difference over the largest magnitude of `expected`, and infinity
        where the shapes differ, axes of length 1 apart; for facts 0 or infinity.
    """
    if not isinstance(expected, np.ndarray):
        same = isinstance(got, type(expected)) and got == expected
        return 0.0 if same else np.inf
    if not isinstance(got, np.ndarray) or got.squeeze().shape != expected.squeeze().shape:
        return np.inf
    got = got.reshape(expected.shape).astype(np.float64)
    expected = expected.astype(np.float64)
    if not np.array_equal(np.isnan(got), np.isnan(expected)):
        return np.inf
    finite = ~np.isnan(expected)
    same = (got == expected) | ~finite  # equal infinities have no difference to measure
    with np.errstate(all="ignore"):
        differences = np.where(same, 0.0, np.abs(got - expected))
        scale = np.max(np.abs(expected[finite]), initial=0.0)
        worst = np.max(differences, initial=0.0) / (1.0 if absolute or scale == 0 else scale)
    return float(worst) if np.isfinite(worst) else np.inf


def distance(answer, key, names, absolute):
    """Return the largest error over the named answers of one case; see `error_between`."""
    return max(error_between(answer.get(name), key.get(name), absolute) for name in names)


def diagnose(check, cases, answers):
    """Name the mistake that explains every answer, if one and only one does.

    Args:
        check: dict with "fingerprint" (names of answers), "tolerance" and "absolute".
        cases: list of dicts with "expected", "wrong" (mistake id to its answers) and "whole" (ids
            of mistakes that all answers must show, whatever the fingerprint).
        answers: list of the student's answers, one for each case.

    Returns:
        A mistake's id; None where fewer than two cases speak for it, or two mistakes answer alike.
    """
    tolerance, absolute = check["tolerance"], check["absolute"]

    def explains(mistake, names):
        telling = 0
        for case, answer in zip(cases, answers, strict=True):
            wrong = case["wrong"][mistake]
            if distance(answer, wrong, names, absolute) > tolerance:
                return False
            telling += distance(wrong, case["expected"], names, absolute) > tolerance
        return telling >= 2

    whole = cases[0].get("whole", ())  # these speak of all that the probe answered
    found = [
        mistake
        for mistake in cases[0]["wrong"]
        if explains(mistake, check["fingerprint"])
        and (mistake not in whole or explains(mistake, cases[0]["expected"]))
    ]
    if len(found) > 1:  # alike in what this question looks at: look at all that the probe answered
        found = [mistake for mistake in found if explains(mistake, cases[0]["expected"])]
    return found[0] if len(found) == 1 else None


def worth(points):
    """Return a number of points in words."""
    return "1 point" if points == 1 else f"{points} points"


def describe(value):
    """Return a short text for an answer, for a message."""
    if isinstance(value, np.ndarray):
        if value.size > 8:
            return f"an array of shape {value.shape}"
        return np.array2string(value, precision=6, separator=", ").replace("\n", " ")
    if isinstance(value, dict):
        return f"a {value['type']}, which is no array of numbers"
    return "nothing" if value is None else str(value)


def place(case):
    """Return a case's label, and its inputs where they are few enough to work by hand."""
    arrays = {n: v for n, v in case["inputs"].items() if isinstance(v, np.ndarray)}
    if sum(array.size for array in arrays.values()) > 16:
        return case["label"]
    shown = [
        f"{n} = {np.array2string(v, separator=', ').replace(chr(10), '')}"
        for n, v in arrays.items()
    ]
    return ", ".join([case["label"], *shown])


def contrast(name, got, expected, allowed=None):
    """Say in one line in what an answer differs from the expected one.

    Args:
        name: the answer's name.
        got, expected: plain answers that differ.
        allowed: how far an answer may be from 0 where 0 is expected, so that rounding errors up to
            it are called 0; None where errors are relative.

    Returns:
        A str; of long arrays, and of numbers that look the same, it shows the first entry that is
        most wrong.
    """
    text, zero = describe(expected), False
    if isinstance(expected, np.ndarray) and expected.size and allowed is not None:
        zero = bool(np.max(np.abs(expected)) <= allowed)
        text = f"0, to within {allowed:g}" if zero else text
    if isinstance(got, np.ndarray) and isinstance(expected, np.ndarray):
        if got.squeeze().shape != expected.squeeze().shape:
            return f"{name} has shape {got.shape}, expected {expected.shape}"
        if expected.size > 8 or (expected.size and describe(got) == text):
            got = got.reshape(expected.shape)
            with np.errstate(all="ignore"):
                off = np.abs(got.astype(complex) - expected)
            at = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
            index = ", ".join(str(int(i)) for i in at)
            name = f"{name}[{index}]" if at else name
            a, b = got[at] + 0, expected[at] + 0  # of a bool a number
            digits = 17 if f"{a:.9g}" == f"{b:.9g}" else 9
            same = f"{a:.6g}" == f"{b:.6g}" and got.dtype != expected.dtype
            first, second = (f" in {v.dtype}" if same else "" for v in (got, expected))
            text = text if zero else f"{b:.{digits}g}"
            return f"{name}: got {a:.{digits}g}{first}, expected {text}{second}"
    return f"{name}: got {describe(got)}, expected {text}"


def decide(check, cases, answers, hints):
    """Mark one question.

    Args:
        check: dict with "id", "points", "compare" and "fingerprint" (names of answers),
            "tolerance", "absolute", "function" (what the question is about) and "hint" (true of
            whatever is wrong).
        cases: list of dicts with "label", "inputs", "expected" and "wrong" (mistake id to its
            answers).
        answers: list of the student's answers, one for each case.
        hints: dict, mistake id to its hint.

    Returns:
        A dict: "id", "points", "earned", "passed", "diagnosis" (a mistake's id or None), "hint"
        (None when passed), "detail" (got and expected, for inputs that are no secret; or None),
        "error" (the largest, a float).
    """
    names, function, absolute = check["compare"], check["function"], check["absolute"]
    verdict = {"id": check["id"], "points": check["points"], "earned": 0, "passed": False}
    verdict |= {"diagnosis": None, "hint": None, "detail": None, "error": np.inf}
    for case, answer in zip(cases, answers, strict=True):
        # An answer that is none has a single entry, which says why; see `asking.ask`.
        if "undefined" in answer:
            missing = answer["undefined"]
            return verdict | {"hint": f"{missing} is not defined: run the cell that defines it."}
        if "blank" in answer:
            return verdict | {"hint": f"{function} is not written yet."}
        if "silent" in answer:
            return verdict | {"hint": f"{function} {answer['silent']}."}
        if "raised" in answer:
            return verdict | {
                "hint": f"{function} raised an error: {answer['raised']}",
                "detail": f"on {place(case)}",
            }
    errors = [
        distance(answer, case["expected"], names, absolute)
        for case, answer in zip(cases, answers, strict=True)
    ]
    verdict["error"] = max(errors)
    if verdict["error"] <= check["tolerance"]:
        return verdict | {"earned": check["points"], "passed": True}
    first = next(i for i, error in enumerate(errors) if error > check["tolerance"])
    expected, answer = cases[first]["expected"], answers[first]
    name = next(
        n for n in names if error_between(answer.get(n), expected[n], absolute) > check["tolerance"]
    )
    allowed = check["tolerance"] if absolute else None
    differs = contrast(name, answer.get(name), expected[name], allowed)
    diagnosis = diagnose(check, cases, answers)
    return verdict | {
        "diagnosis": diagnosis,
        "hint": hints[diagnosis] if diagnosis else check["hint"],
        "detail": f"on {place(cases[first])}: {differs}",
    }
