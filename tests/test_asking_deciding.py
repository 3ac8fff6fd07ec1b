"""The two halves of a check, each by itself: what is asked, what crosses over, what is decided."""

import base64
import json

import numpy as np
import pytest

from autograder.checks import EXERCISES, exercise
from autograder.checks.asking import LARGEST, ask, effect, largest, pack, parts, plain, unpack
from autograder.checks.deciding import contrast, decide, diagnose, error_between, place
from autograder.mistakes import mistakes_of

# --- asking ---


def question(student, x):
    """A question such as exercises have: one answer from one function."""
    (y,) = parts(student.f(x), "y")
    return {"y": y}


def answer(f, x=(1.0, 2.0)):
    return ask(question, {"f": f}, {"x": np.array(x)})


def test_an_answer_is_plain():
    got = answer(lambda x: [x + 1])
    assert list(got) == ["y"]
    assert np.array_equal(got["y"], [2.0, 3.0])


def test_the_code_gets_copies():
    x = np.array([1.0, 2.0])
    inputs = {"x": x, "deep": [x]}

    def question(student, x, deep):
        x[:] = 0
        deep[0][:] = 0
        return {"y": 0.0}

    ask(question, {}, inputs)
    assert x.tolist() == [1.0, 2.0]


def raises(error):
    def f(x):
        raise error

    return f


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (raises(NotImplementedError()), {"blank": True}),
        (raises(ValueError("no")), {"raised": "ValueError: no"}),
        (raises(ValueError("long " * 1000)), {"raised": ("ValueError: " + "long " * 1000)[:300]}),
        (lambda x: (x, x), {"silent": "returned 2 values where y are asked for"}),
        (lambda x: x, {"silent": "returned ndarray where y are asked for"}),
        (lambda x: None, {"silent": "returned NoneType where y are asked for"}),
        (lambda x: [object()], {"y": {"type": "object"}}),
        (lambda x: [x * 1j], {"y": {"type": "ndarray"}}),
        (lambda x: [np.zeros(LARGEST + 1)], {"y": {"type": "ndarray"}}),
    ],
)
def test_what_is_no_answer_says_why(f, expected):
    assert answer(f) == expected


def test_a_missing_name_is_named():
    assert ask(question, {}, {"x": np.zeros(2)}) == {"undefined": "f"}


def test_an_array_that_lies_is_made_plain():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

    got = answer(lambda x: [(x * 7).view(Liar)])["y"]
    assert type(got) is np.ndarray
    assert not np.array_equal(got, [1.0, 2.0])


def test_warnings_of_the_code_go_nowhere(recwarn):
    answer(lambda x: [x / np.zeros(2)])
    assert not recwarn


def test_effect_and_largest():
    assert largest([1.0, -3.0]) == 3.0
    assert largest([1.0, np.nan]) == np.inf
    assert largest([]) == 0.0
    assert effect([1e-7, 0.0]) == "none"
    assert effect([1.0]) == "digits lost"
    assert effect([1e8]) == "grows with the offset"
    assert effect([np.nan]) == effect([np.inf]) == "no number"


# --- from one side to the other ---

CARGO = [
    np.array(1.5),
    np.array([[1, -2], [3, 4]]),
    np.array([True, False]),
    np.array([np.nan, np.inf, -0.0, 5e-324]),
    np.arange(6, dtype=np.float32).reshape(2, 3).T,  # not contiguous
    np.array([1.0, 2.0], dtype=">f8"),
    np.array([0.1], dtype=np.float16),
    np.zeros((0, 3)),
    np.uint8(7),
]


@pytest.mark.parametrize("array", CARGO, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_cross_over_bit_for_bit(array):
    got = unpack(pack({"y": array}))["y"]
    assert got.dtype == array.dtype.newbyteorder("=")
    assert got.shape == array.shape
    assert got.tobytes() == array.astype(array.dtype.newbyteorder("=")).tobytes()


def test_plain_values_cross_over():
    thing = {"a": [True, "text", 3, 0.1, None], "b": {"type": "object"}}
    assert unpack(pack(thing)) == thing


def cargo(dtype, shape=(1,), data=bytes(8)):
    return json.dumps({"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode()})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "cos\nsystem\n(S'true'\ntR.",  # a pickle
        cargo("O"),
        cargo("|O8"),
        cargo("f8,O"),
        cargo([["a", "<f8"]]),
        cargo("<c16", data=bytes(16)),
        cargo("<U2"),
        cargo("V8"),
        cargo("M8[s]"),
        cargo("no dtype"),
        cargo("<f8", shape=(3,)),
        cargo("<f8", shape="x"),
        cargo("<f8", data=bytes(7)),
        '{"dtype": "<f8", "shape": [1], "data": 5}',
        '{"dtype": "<f8", "shape": [1], "data": "!"}',
        "[" * 100_000,
    ],
)
def test_what_pack_did_not_write_is_refused(text):
    with pytest.raises((ValueError, TypeError, RecursionError)):
        unpack(text)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, 1j, np.array([object()]), "text " * 3])
def test_plain_lets_through_no_object(value):
    got = plain(value)
    assert isinstance(got, str) or got == {"type": type(value).__name__}
    assert json.loads(pack(got)) == got


# --- deciding ---

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("got", "expected", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0),
        ([1.0, 3.0], [1.0, 4.0], 0.25),  # relative to the largest
        ([1.0, 2.0], [2.0, 1.0], 0.5),
        ([[1.0, 2.0]], [1.0, 2.0], 0),  # an axis of length 1 is no error here
        ([1.0, 2.0, 3.0], [1.0, 2.0], INF),
        ([[1.0], [2.0]], [[1.0, 2.0], [3.0, 4.0]], INF),
        (1.0, [1.0, 1.0], INF),  # no broadcasting
        ([NAN, 1.0], [1.0, 1.0], INF),
        ([NAN, 1.0], [NAN, 1.0], 0),
        ([1.0, 1.0], [NAN, 1.0], INF),
        ([INF, 1.0], [INF, 1.0], 0),
        ([-INF, 1.0], [INF, 1.0], INF),
        ([INF, 1.0], [1.0, 1.0], INF),
        ([0.5, 0.0], [0.0, 0.0], 0.5),  # nothing to be relative to
        ([1, 2], [1.0, 2.0], 0),  # dtypes are facts of their own
        ([True, False], [1.0, 0.0], 0),
        ([1e308], [-1e308], INF),
        ([], [], 0),
    ],
)
def test_error_between_arrays(got, expected, error):
    assert error_between(np.array(got), np.array(expected)) == pytest.approx(error)


def test_error_between_is_relative_or_absolute():
    got, expected = np.array([100.0, 201.0]), np.array([100.0, 200.0])
    assert error_between(got, expected) == pytest.approx(1 / 200)
    assert error_between(got, expected, absolute=True) == 1.0


@pytest.mark.parametrize(
    ("got", "expected", "error"),
    [
        (True, True, 0),
        (False, True, INF),
        (1, True, INF),  # a number is no fact
        ("float32", "float32", 0),
        ("float64", "float32", INF),
        (np.array(1.0), True, INF),
        (None, True, INF),
        ({"type": "object"}, "float32", INF),
        (None, np.array([1.0]), INF),
        ("float32", np.array([1.0]), INF),
        (1.0, np.array(1.0), INF),
        ({"type": "list"}, np.array([1.0]), INF),
    ],
)
def test_error_between_facts(got, expected, error):
    assert error_between(got, expected) == error


CHECK = {
    "id": "y",
    "points": 3,
    "compare": ["y"],
    "fingerprint": ["y"],
    "tolerance": 1e-6,
    "absolute": False,
    "function": "f",
    "hint": "y is not twice x.",
}
HINTS = {"same": "It is x.", "square": "It is the square.", "other": "It is x, and z differs."}


def case(x):
    """A case whose right answer is 2 x, and the answers of three mistakes."""
    x = np.array(x)
    right = {"y": 2 * x, "z": 0 * x}
    wrong = {
        "same": right | {"y": x},
        "square": right | {"y": x * x},
        "other": {"y": x, "z": x},
    }
    return {"label": f"{x.size} numbers", "inputs": {"x": x}, "expected": right, "wrong": wrong}


CASES = [case([1.0, 2.0]), case([3.0, 5.0]), case([2.0, 2.0])]


def answers(f, z=lambda x: 0 * x):
    return [{"y": f(c["expected"]["y"] / 2), "z": z(c["expected"]["y"] / 2)} for c in CASES]


def test_a_right_answer_gets_the_points():
    verdict = decide(CHECK, CASES, answers(lambda x: x + x), HINTS)
    assert (verdict["earned"], verdict["passed"]) == (3, True)
    assert verdict["diagnosis"] is verdict["hint"] is verdict["detail"] is None
    assert verdict["error"] == 0


def test_an_error_up_to_the_tolerance_passes():
    assert decide(CHECK, CASES, answers(lambda x: 2 * x * (1 + 9e-7)), HINTS)["passed"]
    assert not decide(CHECK, CASES, answers(lambda x: 2 * x * (1 + 2e-6)), HINTS)["passed"]


def test_one_wrong_case_is_enough_to_fail():
    got = answers(lambda x: 2 * x)
    got[1]["y"] = got[1]["y"] + [0, 1]
    verdict = decide(CHECK, CASES, got, HINTS)
    assert (verdict["earned"], verdict["passed"], verdict["diagnosis"]) == (0, False, None)
    assert verdict["hint"] == CHECK["hint"]
    assert verdict["detail"].startswith("on 2 numbers, x = [3., 5.]: y: got [ 6., 11.], expected")


def test_a_mistake_is_named_by_its_answers():
    verdict = decide(CHECK, CASES, answers(lambda x: x**2), HINTS)
    assert (verdict["diagnosis"], verdict["hint"]) == ("square", HINTS["square"])


def test_mistakes_alike_here_are_told_apart_by_all_answers():
    assert diagnose(CHECK, CASES, answers(lambda x: x)) == "same"
    assert diagnose(CHECK, CASES, answers(lambda x: x, z=lambda x: x)) == "other"


def test_mistakes_alike_in_all_answers_are_not_named():
    alike = [c | {"wrong": {"same": c["wrong"]["same"], "twin": c["wrong"]["same"]}} for c in CASES]
    assert diagnose(CHECK, alike, answers(lambda x: x)) is None


def test_one_case_is_no_evidence():
    """The square equals the right answer in all cases but one; so it is not named for that one."""
    cases = [case([2.0, 2.0]), case([0.0, 2.0]), case([3.0, 5.0])]
    got = [{"y": (c["expected"]["y"] / 2) ** 2, "z": c["expected"]["z"]} for c in cases]
    assert diagnose(CHECK, cases, got) is None
    more, same = [*cases, case([1.0, 7.0])], {"y": np.array([1.0, 49.0]), "z": np.zeros(2)}
    assert diagnose(CHECK, more, [*got, same]) == "square"


def test_a_mistake_must_explain_every_case():
    got = answers(lambda x: x)
    got[2]["y"] = got[2]["y"] * 5
    assert diagnose(CHECK, CASES, got) is None


@pytest.mark.parametrize(
    ("silence", "hint"),
    [
        ({"undefined": "f"}, "f is not defined: run the cell that defines it."),
        ({"blank": True}, "f is not written yet."),
        ({"silent": "gave no answer"}, "f gave no answer."),
        ({"raised": "ValueError: no"}, "f raised an error: ValueError: no"),
    ],
)
def test_no_answer_gets_no_points_and_the_reason(silence, hint):
    got = answers(lambda x: 2 * x)
    got[2] = silence
    verdict = decide(CHECK, CASES, got, HINTS)
    assert (verdict["earned"], verdict["passed"], verdict["hint"]) == (0, False, hint)


def test_a_missing_part_of_an_answer_fails():
    got = [{"z": np.zeros(2)} for _ in CASES]
    verdict = decide(CHECK, CASES, got, HINTS)
    assert not verdict["passed"]
    assert "nothing" in verdict["detail"]


def test_contrast_names_the_worst_entry_or_the_shape():
    expected = np.arange(12.0).reshape(3, 4)
    got = expected.copy()
    got[2, 1] += 7
    assert contrast("y", got, expected) == "y[2, 1]: got 16, expected 9"
    got[0, 3] = np.nan
    assert contrast("y", got, expected) == "y[0, 3]: got nan, expected 3"
    assert contrast("y", got[0], expected) == "y has shape (4,), expected (3, 4)"
    assert contrast("y", np.array([1.0]), np.array([2.0])) == "y: got [1.], expected [2.]"
    assert contrast("y", {"type": "list"}, np.array([2.0])).startswith("y: got a list")


def test_contrast_shows_that_what_looks_the_same_is_not():
    got, expected = np.array([0.1], "f4"), np.array([0.1])
    said = contrast("y", got, expected)
    assert said == "y[0]: got 0.100000001 in float32, expected 0.1 in float64"
    said = contrast("y", np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-14]))
    assert said == "y[1]: got 2, expected 2.0000000000000102"


def test_contrast_calls_rounding_errors_0():
    got, expected = np.array([0.5]), np.array([1e-16])
    assert contrast("e", got, expected, 1e-9) == "e: got [0.5], expected 0, to within 1e-09"
    assert contrast("e", got, expected) == "e: got [0.5], expected [1.e-16]"


@pytest.mark.parametrize("got", [np.zeros((0, 3)), np.full((0, 3), 1j), np.ones((0, 3), bool)])
def test_contrast_of_nothing(got):
    assert contrast("y", got, np.zeros((0, 3)), 1e-9) == "y: got [], expected []"


def test_contrast_of_complex_numbers_and_truth():
    expected = np.arange(12.0)
    assert contrast("y", expected * (1 + 2j), expected) == "y[11]: got 11+22j, expected 11"
    assert contrast("y", expected > 20, expected, 1e-9) == "y[11]: got 0, expected 11"


def test_a_case_shows_its_inputs_where_they_are_few():
    assert place(case(np.arange(2.0))) == "2 numbers, x = [0., 1.]"
    assert place(case(np.arange(17.0))) == "17 numbers"


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_tells_its_mistakes_by_two_cases_or_more(name):
    """Every check has at least two cases, else no mistake could ever be named there."""
    this = exercise(name)
    key = this.key(0)
    for check in this.checks:
        assert len(key[check.probe.name]) >= 2, check.id


@pytest.mark.parametrize("name", EXERCISES)
def test_what_a_question_does_not_look_up_need_not_be_asked_again(name):
    """The answers are those that come when everything is asked."""
    this = exercise(name)
    key = this.key(3, mistakes=False)
    assert {used for cases in key.values() for case in cases for used in case["uses"]} == {
        *this.reference
    }
    asked = {n: [case | {"uses": [*this.reference]} for case in key[n]] for n in key}
    for mistake in mistakes_of(name)[::9]:
        names = this.reference | mistake.names
        assert pack(this.answers(names, key)) == pack(this.answers(names, asked)), mistake.id
