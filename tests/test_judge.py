"""The trusted side: whose inputs are whose, what counts as an answer, and what never leaves."""

import contextlib
import inspect
import io
import json
import os
import re

import nbformat
import numpy as np
import pytest

from autograder.checks import EXERCISES, exercise
from autograder.checks.asking import LARGEST, pack, unpack
from autograder.grading.execute import make_judge
from autograder.judge import LONGEST_ANSWER, PUBLIC, Judge, course_secret, seed_for
from autograder.mistakes import mistakes_of
from autograder.release.source import source_notebook

NAME = "ex02_forward"


def inputs_of(judge):
    """Return a judge's inputs in a form that can be compared."""
    return pack([case["inputs"] for cases in judge.key.values() for case in cases])


def listen(judge, names):
    """Put a judge's requests to a kernel that defines these names: here, this process."""
    for probe in judge.exercise.probes:
        judge.hear(probe, run(judge.request(probe), names))
    return judge.verdicts()


def run(request, names):
    """Return what a request prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(request, dict(names))
    return printed.getvalue()


# --- whose inputs are whose ---


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course's folder, with a secret."""
    folder = tmp_path / "course"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DIR", str(folder))
    course_secret(folder, create=True)
    return folder


def submission(code="def batchnorm_forward(x, gamma, beta, eps=1e-5): pass"):
    notebook = source_notebook(exercise(NAME))
    for cell in notebook.cells:
        if cell.id == "batchnorm_forward":
            cell.source = code
    return notebook


def test_the_same_submission_gets_the_same_inputs(course):
    assert inputs_of(make_judge(NAME, submission())) == inputs_of(make_judge(NAME, submission()))


def test_graded_cells_and_outputs_make_no_difference(course):
    """nbgrader puts graded cells back and takes outputs away; an appeal gets the same inputs."""
    first, second = submission(), submission()
    second.cells = [cell for cell in second.cells if cell.id != "eps"]
    for cell in second.cells:
        if cell.id == "whole":
            cell.source = "check('anything')"
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="passed")]
            cell.execution_count = 7
    assert inputs_of(make_judge(NAME, first)) == inputs_of(make_judge(NAME, second))


def test_another_submission_gets_other_inputs(course):
    one = make_judge(NAME, submission())
    other = make_judge(NAME, submission("def batchnorm_forward(x, gamma, beta, eps=1e-5): 1"))
    assert inputs_of(one) != inputs_of(other)


def test_another_version_gets_other_inputs(course):
    first, second = submission(), submission()
    second.metadata["course"]["version"] = "next"
    assert inputs_of(make_judge(NAME, first)) != inputs_of(make_judge(NAME, second))


def test_another_course_gets_other_inputs(course, tmp_path, monkeypatch):
    first = inputs_of(make_judge(NAME, submission()))
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("COURSE_DIR", str(other))
    course_secret(other, create=True)
    assert inputs_of(make_judge(NAME, submission())) != first


def test_every_part_of_the_seed_counts():
    seeds = {
        seed_for(secret, name, version, text)
        for secret in (b"one", b"other")
        for name in EXERCISES[:2]
        for version in ("1", "11")
        for text in ("", "1", "x")
    }
    assert len(seeds) == 2 * 2 * 2 * 3
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_for(b"a", "b", "cd", "e") != seed_for(b"a", "bc", "d", "e")


@pytest.mark.parametrize("name", EXERCISES)
def test_other_seeds_give_other_inputs_to_every_probe(name):
    this = exercise(name)
    one, other = this.key(1), this.key(2)
    for probe in this.probes:
        pair = [pack([case["inputs"] for case in key[probe]]) for key in (one, other)]
        numbers = any(isinstance(a, np.ndarray) for c in one[probe] for a in c["expected"].values())
        assert pair[0] != pair[1] or not numbers, probe  # facts alone cannot be learned by heart
    assert pack(this.key(1)) == pack(one)


def test_a_secret_is_made_once_and_is_private(tmp_path):
    assert course_secret(tmp_path) == b""
    assert list(tmp_path.iterdir()) == []
    secret = course_secret(tmp_path, create=True)
    assert len(secret) == 32
    assert course_secret(tmp_path, create=True) == course_secret(tmp_path) == secret
    if os.name == "posix":
        assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    other = tmp_path / "other"
    other.mkdir()
    assert course_secret(other, create=True) != secret


# --- what counts as an answer ---


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_gets_full_marks(name):
    this = exercise(name)
    verdicts = listen(Judge(this, 5), this.reference)
    assert [verdict["id"] for verdict in verdicts if not verdict["passed"]] == []
    assert sum(verdict["earned"] for verdict in verdicts) == this.points


@pytest.mark.parametrize("name", EXERCISES)
def test_an_answer_through_the_kernel_is_the_answer_itself(name):
    """What crosses over is judged as what is at hand, for right code and for wrong."""
    this = exercise(name)
    judge = Judge(this, 6)
    for entry in mistakes_of(name)[::7]:
        names = this.reference | entry.names
        direct = this.decide(this.answers(names, judge.key), judge.key)
        assert listen(judge, names) == [{key: v[key] for key in PUBLIC} for v in direct], entry.id


def well_marked(text):
    return lambda mark, right: mark + text(right) + mark


def change(function):
    """Return a junk maker: right recordings, changed by a function, in the right marks."""

    def text(right):
        return pack(function(unpack(right)))

    return well_marked(text)


def events(function):
    """Return a junk maker that changes each event of each recording."""
    return change(lambda told: [[function(event) for event in case] for case in told])


def every(node):
    """Return a junk maker in which each call gave one thing."""
    return events(lambda event: event | ({"gave": node} if event["act"] == "call" else {}))


def error(*words):
    """Return a junk maker in which each call ended in an error."""
    return events(lambda event: event | ({"raised": words} if event["act"] == "call" else {}))


DEEP = "[" * 5000 + "]" * 5000
JUNK = {
    "nothing": lambda mark, right: "",
    "text": lambda mark, right: "all tests passed, 3 points",
    "no marks": lambda mark, right: right,
    "one mark": lambda mark, right: mark + right,
    "other marks": lambda mark, right: "0" * 32 + right + "0" * 32,
    "three marks": lambda mark, right: mark + right + mark + right + mark,
    "marks around nothing": well_marked(lambda right: ""),
    "cut short": well_marked(lambda right: right[: len(right) // 2]),
    "no JSON": well_marked(lambda right: "passed"),
    "a pickle": well_marked(lambda right: "cos\nsystem\n(S'true'\ntR."),
    "a number": well_marked(lambda right: "1"),
    "a dict": well_marked(lambda right: '{"passed": true}'),
    "null": well_marked(lambda right: "null"),
    "deep": well_marked(lambda right: DEEP),
    "deep in a list": well_marked(lambda right: f'[{{"y": {DEEP}}}]'),
    "a long number": well_marked(lambda right: "9" * 10_000),
    "too long": well_marked(lambda right: right[:-1] + " " * LONGEST_ANSWER + "]"),
    "an empty list": change(lambda told: []),
    "one too few": change(lambda told: told[:-1]),
    "one too many": change(lambda told: [*told, told[0]]),
    "empty recordings": change(lambda told: [[] for case in told]),
    "numbers": change(lambda told: [1 for case in told]),
    "nulls": change(lambda told: [None for case in told]),
    "dicts": change(lambda told: [{"passed": True, "earned": 9} for case in told]),
    "events cut off": change(lambda told: [case[:-1] for case in told]),
    "events turned round": change(lambda told: [case[::-1] for case in told]),
    "lists as events": events(lambda event: list(event.values())),
    "empty events": events(lambda event: {}),
    "null events": events(lambda event: None),
    "events of another": events(lambda event: event | {"of": 7}),
    "events without changes": events(lambda event: {"of": event["of"], "act": event["act"]}),
    "changes of nothing": events(lambda event: event | {"changed": [[10**9, ["plain", 1]]]}),
    "changes that are none": events(lambda event: event | {"changed": [[0, 1]]}),
    "errors of no kind": error("Strange", ["NoSuchError"], "text"),
    "errors that are functions": error("Strange", ["print"], "text"),
    "errors that exit": error("SystemExit", ["SystemExit"], "text"),
    "errors of many kinds": error("Strange", ["OSError", "UnicodeError", "KeyError"], "text"),
    "errors with a deep text": error("ValueError", ["ValueError"], {"a": [1]}),
    "errors with a long name": error("x" * 10**6, ["ValueError"], "text"),
    "errors with a long text": error("ValueError", ["ValueError"], "x" * 10**6),
}
GIVEN = {
    "numbers given": every(["plain", 1.5]),
    "nulls given": every(["plain", None]),
    "text given": every(["plain", "passed"]),
    "lists given as plain": every(["plain", [1, 2]]),
    "no node given": every(1.5),
    "another node given": every(["code", "print()"]),
    "dicts given": every(["dict", [["y", ["plain", 1]]]]),
    "dicts of dicts": every(["dict", {"y": 1}]),
    "objects given": every(["object", "ndarray"]),
    "objects with strange names": every(["object", "\0"]),
    "unknown things given": every(["known", 10**9]),
    "object arrays": every(["array", {"dtype": "|O", "shape": [1], "data": "AAAAAAAAAAA="}]),
    "no arrays": every(["array", [1, 2]]),
    "infinite arrays": every(["array", np.full((2, 3), np.inf)]),
    "empty arrays": every(["array", np.zeros((0, 3))]),
    "arrays too large": every(["array", np.zeros(LARGEST + 1, dtype=np.int8)]),
    "wide arrays": every(["array", np.array(np.finfo(np.longdouble).max)]),
    "infinite pairs": every(["tuple", [["array", np.full((4, 2), np.inf)], ["plain", None]]]),
    "arrays that grow together": every(
        ["tuple", [["array", np.zeros((90_000, 1))], ["array", np.zeros((1, 90_000))]]]
    ),
}


def judged(junk):
    """Return the verdicts on what a kernel printed, once they are seen to be well formed."""
    this = exercise(NAME)
    judge, right = Judge(this, 7), this.reference
    for probe in this.probes:
        printed = run(judge.request(probe), right).strip()
        mark = printed[:32]
        assert printed.endswith(mark)
        judge.hear(probe, junk(mark, printed[32:-32]))
    for verdict in judge.verdicts():
        assert (verdict["earned"] > 0) == verdict["passed"]
        if not verdict["passed"]:
            assert isinstance(verdict["hint"], str) and 0 < len(verdict["hint"]) < 1000
    assert json.loads(json.dumps(judge.verdicts())) == judge.verdicts()
    return judge.verdicts()


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_no_answer(junk):
    """Whatever a kernel prints, every check gets a verdict: no points, and a short hint."""
    assert [verdict["id"] for verdict in judged(JUNK[junk]) if verdict["passed"]] == []


@pytest.mark.filterwarnings("ignore:overflow")  # the judge's own log may say so
@pytest.mark.parametrize("junk", GIVEN)
def test_made_up_results_get_what_they_deserve(junk):
    """As a function that returns them: they are wrong, and it leaves its arguments alone."""
    passed = {verdict["id"] for verdict in judged(GIVEN[junk]) if verdict["passed"]}
    assert passed <= {"untouched", "far_mean"}  # nothing, and what is empty, do not change


def test_what_is_printed_around_an_answer_does_not_matter():
    this = exercise(NAME)
    judge = Judge(this, 7)
    for probe in this.probes:
        printed = run(judge.request(probe), this.reference)
        judge.hear(probe, "debugging\n[]{}" + printed + "more\n")
    assert all(verdict["passed"] for verdict in judge.verdicts())


def test_an_answer_to_one_request_is_none_to_another():
    """A mark is used once: what a kernel heard before cannot be played again to another judge."""
    this = exercise(NAME)
    first, second = Judge(this, 7), Judge(this, 7)
    for probe in this.probes:
        printed = run(first.request(probe), this.reference)
        second.request(probe)
        second.hear(probe, printed)
    assert not any(verdict["passed"] for verdict in second.verdicts())


def test_giving_up_says_why():
    judge = Judge(exercise(NAME), 7)
    for probe in judge.exercise.probes:
        judge.give_up(probe, "did not finish within 10 seconds")
    for verdict in judge.verdicts():
        assert verdict["earned"] == 0
        assert verdict["hint"] == "batchnorm_forward did not finish within 10 seconds."


def test_a_name_that_is_missing_because_its_cell_stopped():
    judge = Judge(exercise(NAME), 7)
    judge.stopped["batchnorm_forward"] = "SyntaxError: invalid syntax (line 2)"
    for verdict in listen(judge, {}):
        assert verdict["hint"] == (
            "batchnorm_forward is not defined: its cell stopped with SyntaxError: "
            "invalid syntax (line 2)"
        )


# --- what never leaves ---


def arrays(thing):
    """Return the data of the arrays in nested dicts and lists, tiny and constant ones left out."""
    if isinstance(thing, dict):
        return set().union(*(arrays(value) for value in thing.values()))
    if isinstance(thing, list):
        return set().union(*(arrays(value) for value in thing))
    if isinstance(thing, np.ndarray) and thing.size > 2 and len(np.unique(thing)) > 2:
        return {f'"{json.loads(pack(thing))["data"]}"'}
    return set()


@pytest.mark.parametrize("name", EXERCISES)
def test_a_request_holds_no_answer(name):
    """Neither what is expected, nor a mistake's answer, a hint, or code of the reference."""
    this = exercise(name)
    judge = Judge(this, 8)
    code = {
        line.strip()
        for thing in this.reference.values()
        for line in inspect.getsource(inspect.getmodule(thing)).splitlines()
        if re.search(r"=.*[-+*/]", line)
    }
    assert code
    for probe, cases in judge.key.items():
        request = judge.request(probe)
        inputs = arrays([case["inputs"] for case in cases])
        expected = arrays([case["expected"] for case in cases]) - inputs
        wrong = arrays([list(case["wrong"].values()) for case in cases]) - inputs
        assert all(data in request for data in inputs)
        assert [data for data in expected | wrong if data in request] == []
        asked = inspect.getsource(this.probes[probe].ask)
        assert [line for line in code if line in request and line not in asked] == []
        assert [hint for hint in this.hints.values() if hint in request] == []
        assert not re.search(r"(import|from) autograder", request)
        assert not {f'"{key}"' for key in ("expected", "wrong", "tolerance")} & set(
            re.findall(r'"\w+"', request)
        )


@pytest.mark.parametrize("name", EXERCISES)
def test_a_verdict_shows_no_input_and_no_right_answer(name):
    """Hints stand in the catalogue or in the checks, or repeat the student's own error."""
    this = exercise(name)
    allowed = {None, *this.hints.values(), *(check.hint for check in this.checks)}
    judge = Judge(this, 9)
    for entry in mistakes_of(name)[::7]:
        for verdict in listen(judge, this.reference | entry.names):
            assert tuple(verdict) == PUBLIC
            said = verdict["hint"]
            own = said and re.match(r"[\w.]+ (raised an error|returned) ?", said)
            assert said in allowed or own, said
