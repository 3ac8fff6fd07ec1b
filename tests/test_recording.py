"""A question asked outside, of a recording, gets the answers that it got inside."""

import numpy as np
import pytest

from autograder.checks import EXERCISES, exercise
from autograder.checks.asking import ask, pack, parts, unpack
from autograder.checks.deciding import distance
from autograder.checks.recording import Astray, record, replay
from autograder.mistakes import mistakes_of
from autograder.prove.matrix import right_answers

ARRAY = np.arange(6.0).reshape(2, 3)


def both(question, names, **inputs):
    """Return the answers inside and those of the recording, which passed through text."""
    events = unpack(pack(record(question, names, inputs)))
    return ask(question, names, inputs), replay(question, events, inputs)


def alike(one, other):
    """Return whether two answers are the same, the last digits of numbers apart."""
    return one.keys() == other.keys() and all(
        pack(one[name]) == pack(other[name]) or distance(other, one, [name], True) < 1e-12
        for name in one
    )


@pytest.mark.parametrize("name", EXERCISES)
def test_every_implementation_is_answered_for_as_it_answers(name, request):
    this = exercise(name)
    if this.uses_torch:
        pytest.skip("its questions are answered inside")
    step = 1 if request.config.getoption("--full") else 5
    wrong = {entry.id: this.reference | entry.names for entry in mistakes_of(name)[::step]}
    key = this.key(3, mistakes=False)
    for origin, names in (right_answers(this) | wrong).items():
        for probe in this.probes.values():
            for case in key[probe.name] if probe.replayed else ():
                inside, outside = both(probe.ask, names, **case["inputs"])
                assert alike(inside, outside), (origin, probe.name, case["label"])


# --- what a question may do with the student's code ---


def test_results_of_all_kinds():
    given = {
        "array": ARRAY,
        "fortran": np.asfortranarray(ARRAY),
        "masked": np.ma.masked_array(ARRAY, ARRAY > 3),
        "scalar": np.float32(1.5),
        "numbers": (1, 2.5, True, None, "text", float("nan")),
        "nested": [{"a": [ARRAY, (ARRAY,)]}],
        "strange": {1: 2},
        "many": [[1.0, 2.0], [3.0, 4.0]],
        "large": 2**100,
        "complex": 1j,
    }

    def question(student, x):
        results = {name: student.f(name) for name in given}
        kinds = {f"kind of {name}": type(result).__name__ for name, result in results.items()}
        return results | kinds | {"deep": results["nested"][0]["a"][1][0]}

    inside, outside = both(question, {"f": given.get}, x=0)
    assert outside["kind of complex"] == "complex" and outside["kind of strange"] == "dict"
    inside["kind of masked"] = outside["kind of masked"] = "ndarray"  # it is one from here on
    assert alike(inside, outside)


def test_what_becomes_of_arguments():
    class Given:
        pass

    def f(x, cache, layers, bn):
        x *= 2
        cache["mean"][0] = 7
        cache["new"] = cache.pop("var")
        layers.append(x)
        layers[0][1][...] = -1
        bn.gamma = bn.gamma + 1
        bn.beta += 1

    def question(student, x):
        cache = {"mean": np.zeros(2), "var": np.ones(2)}
        layers, bn = [(np.zeros(1), np.ones(2))], Given()
        bn.gamma, bn.beta = np.ones(2), np.zeros(2)
        row = x[0]
        student.f(x, cache, layers, bn)
        return {
            "x": x,
            "row": row,
            "names": ", ".join(sorted(cache)),
            "new": cache["new"],
            "mean": cache["mean"],
            "layers": len(layers),
            "last is x": layers[-1] is x,
            "inner": layers[0][1],
            "gamma": bn.gamma,
            "beta": bn.beta,
        }

    inside, outside = both(question, {"f": f}, x=ARRAY)
    assert inside["layers"] == 2 and inside["last is x"]
    assert alike(inside, outside)


def test_results_that_change_later():
    buffer = np.zeros(3)

    def f(x):
        buffer[:] = x
        return buffer

    def question(student, x):
        first = student.f(x)
        student.f(x + 1)
        return {"first": first}

    inside, outside = both(question, {"f": f}, x=np.arange(3.0))
    assert outside["first"][0] == 1.0
    assert alike(inside, outside)


def test_objects_and_what_they_keep():
    class Layer:
        def __init__(self, size):
            self.gamma, self.calls = np.ones(size), 0

        def forward(self, x):
            self.calls += 1
            return x * self.gamma, (self, x)

        def backward(self, cache):
            return cache[0] is self, cache[1]

    def question(student, x):
        layer, other = student.Layer(3), student.Layer(3)
        layer.gamma = np.arange(3.0)
        y, cache = parts(layer.forward(x), "y", "cache")
        same, again = layer.backward(cache)
        return {
            "y": y,
            "same": same,
            "other": other.backward(cache)[0],
            "calls": np.array(layer.calls),
            "again": again,
            "missing": getattr(layer, "nothing", "none"),
            "kind": type(layer).__name__,
        }

    inside, outside = both(question, {"Layer": Layer}, x=ARRAY)
    assert inside["same"] is True and inside["other"] is False
    assert alike(inside, outside)


def test_errors_of_all_kinds():
    class Own(ValueError):
        def __str__(self):
            return "own words"

    errors = [
        Own(),
        KeyError("k"),
        np.exceptions.AxisError("axis"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "reason"),
        OSError(2, "no file"),
        StopIteration(3),
        AssertionError(),
    ]

    def f(number):
        raise errors[number]

    def question(student, x):
        told = {}
        for number in range(len(errors)):
            try:
                student.f(number)
            except (ValueError, IndexError) as error:
                told[f"{number} expected"] = f"{type(error).__name__}: {error}"
            except Exception as error:
                told[f"{number}"] = f"{type(error).__name__}: {error}"
        return told

    inside, outside = both(question, {"f": f}, x=0)
    assert outside["0 expected"] == "Own: own words" and inside == outside


def test_an_error_that_ends_the_question():
    def raises(x):
        raise ZeroDivisionError("by zero")

    def stub(x):
        raise NotImplementedError

    def question(student, x):
        return {"y": student.f(x)}

    for names in ({"f": raises}, {"f": stub}, {}):
        inside, outside = both(question, names, x=ARRAY)
        assert inside == outside


def test_functions_that_are_handed_over():
    def f(function, x):
        return function(x) + 1

    def question(student, x):
        return {"y": student.f(lambda x: student.g(x) * 2, x), "after": student.g(x)}

    inside, outside = both(question, {"f": f, "g": np.square}, x=ARRAY)
    assert alike(inside, outside)


# --- what nobody may do ---


def test_a_recording_of_another_question_is_none():
    def one(student, x):
        return {"y": student.f(x)}

    def two(student, x):
        return {"y": student.f(x), "z": student.f(x)}

    events = record(one, {"f": np.square}, {"x": ARRAY})
    with pytest.raises(Astray):
        replay(two, events, {"x": ARRAY})


def test_differences_are_taken_outside():
    """A recording that claims what only the truth can give is worth what it gives."""

    def question(student, x):
        y, z = student.f(x), student.f(x + 1)
        return {"change": np.subtract(z, y), "same": bool(np.array_equal(z, y))}

    events = record(question, {"f": np.square}, {"x": ARRAY})
    wrong = unpack(pack(events))
    wrong[1]["change"] = wrong[1]["same"] = 0
    assert not replay(question, wrong, {"x": ARRAY})["same"]
