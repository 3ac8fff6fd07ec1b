"""The prover notices what is wrong with checks, with the catalogue, and with code it never saw."""

import ast
import dataclasses
import functools
import inspect
import json
import time

import numpy as np
import pytest

from autograder.checks import EXERCISES, Case, Probe, exercise
from autograder.mistakes import ex01_statistics, ex02_forward, mistakes_of
from autograder.mistakes.model import Variant
from autograder.paths import ROOT
from autograder.prove import equivalent, kept, matrix, mutants, output, prove, run
from autograder.prove.equivalent import Equivalent
from autograder.prove.kept import Kept
from autograder.prove.mutants import review, try_mutants
from autograder.prove.mutate import Mutant, Source, mutants_of, source_of, sources_of

SEEDS = 2

# --- mistakes that are not in the catalogue -------------------------------------------------------

UNLISTED = []


def unlisted(of):
    """Add a function as a mistake of the exercise that begins so."""

    def add(function):
        UNLISTED.append(pytest.param(of, function, id=function.__name__))
        return function

    return add


@unlisted("batch_statistics")
def last_row_left_out(x):
    return x[:-1].mean(axis=0), x[:-1].var(axis=0)


@unlisted("batch_statistics")
def half_range_squared(x):
    return x.mean(axis=0), (np.ptp(x, axis=0) / 2) ** 2


@unlisted("batch_statistics")
def around_the_median(x):
    return x.mean(axis=0), ((x - np.median(x, axis=0)) ** 2).mean(axis=0)


@unlisted("batch_statistics")
def sorts_in_place(x):
    x.sort(axis=0)
    return x.mean(axis=0), x.var(axis=0)


@unlisted("batch_statistics")
def unbiased_for_large_batches(x):
    return x.mean(axis=0), x.var(axis=0, ddof=1 if len(x) > 5 else 0)


@unlisted("batch_statistics")
def halves_towards_each_row(x):
    mean = x[0]
    for row in x[1:]:
        mean = (mean + row) / 2
    return mean, x.var(axis=0)


@unlisted("batch_statistics")
def rounds_to_six_digits(x):
    return np.round(x.mean(axis=0), 6), np.round(x.var(axis=0), 6)


@unlisted("batch_statistics")
def one_sample_is_nothing(x):
    if len(x) == 1:
        return np.zeros_like(x[0]), np.zeros_like(x[0])
    return x.mean(axis=0), x.var(axis=0)


@unlisted("merge_statistics")
def one_sample_is_ignored(count_a, mean_a, var_a, count_b, mean_b, var_b):
    if count_b == 1 and count_a:
        return count_a, mean_a, var_a
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    from_a = count_a * (var_a + (mean_a - mean) ** 2)
    from_b = count_b * (var_b + (mean_b - mean) ** 2)
    return count, mean, (from_a + from_b) / count


@unlisted("merge_statistics")
def weights_by_roots(count_a, mean_a, var_a, count_b, mean_b, var_b):
    a, b = count_a**0.5, count_b**0.5
    mean = (a * mean_a + b * mean_b) / (a + b)
    squares = a * (var_a + (mean_a - mean) ** 2) + b * (var_b + (mean_b - mean) ** 2)
    return count_a + count_b, mean, squares / (a + b)


@unlisted("merge_statistics")
def larger_count(count_a, mean_a, var_a, count_b, mean_b, var_b):
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    from_a = count_a * (var_a + (mean_a - mean) ** 2)
    from_b = count_b * (var_b + (mean_b - mean) ** 2)
    return max(count_a, count_b), mean, (from_a + from_b) / count


@unlisted("merge_statistics")
def sum_of_the_means_squared(count_a, mean_a, var_a, count_b, mean_b, var_b):
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    between = (mean_a + mean_b) ** 2 * count_a * count_b / count
    return count, mean, (count_a * var_a + count_b * var_b + between) / count


@unlisted("merge_statistics")
def merged_standard_deviation(count_a, mean_a, var_a, count_b, mean_b, var_b):
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    from_a = count_a * (var_a + (mean_a - mean) ** 2)
    from_b = count_b * (var_b + (mean_b - mean) ** 2)
    return count, mean, np.sqrt((from_a + from_b) / count)


@unlisted("batchnorm_forward")
def largest_magnitude(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=0)
    return gamma * centred / (np.abs(centred).max(axis=0) + eps) + beta, None


@unlisted("batchnorm_forward")
def shift_divided_too(x, gamma, beta, eps=1e-5):
    return (gamma * (x - x.mean(axis=0)) + beta) / np.sqrt(x.var(axis=0) + eps), None


@unlisted("batchnorm_forward")
def first_gamma_for_all(x, gamma, beta, eps=1e-5):
    return gamma[0] * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta, None


@unlisted("batchnorm_forward")
def beta_averaged(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta.mean(), None


@unlisted("batchnorm_forward")
def eps_at_least_1e_6(x, gamma, beta, eps=1e-5):
    eps = max(eps, 1e-6)
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta, None


@unlisted("batchnorm_forward")
def squashed(x, gamma, beta, eps=1e-5):
    x_hat = np.tanh((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps))
    return gamma * x_hat + beta, None


@unlisted("batchnorm_forward")
def other_axis_when_square(x, gamma, beta, eps=1e-5):
    axis = 1 if x.shape[0] == x.shape[1] else 0
    mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@unlisted("batchnorm_forward")
def remembers_the_first_batch(x, gamma, beta, eps=1e-5, seen={}):  # noqa: B006
    mean, var = seen.setdefault(x.shape, (x.mean(axis=0), x.var(axis=0)))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


@unlisted("batchnorm_forward")
def outliers_pulled_in(x, gamma, beta, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * np.clip(x_hat, -1.5, 1.5) + beta, None


@functools.cache
def keys_of(name):
    return [exercise(name).key(seed) for seed in range(3)]


def failed_verdicts(of, function):
    """The verdicts of the checks that a function fails, for each of three sets of inputs."""
    this = next(e for e in map(exercise, EXERCISES) if of in e.reference)
    names = this.reference | {of: function}
    marked = [this.decide(this.answers(names, key), key) for key in keys_of(this.name)]
    return [[verdict for verdict in each if not verdict["passed"]] for each in marked]


@pytest.mark.parametrize("of, function", UNLISTED)
def test_a_mistake_that_is_not_listed_is_noticed(of, function):
    for failed in failed_verdicts(of, function):
        assert failed, "noticed by no check"
        for verdict in failed:
            assert len(verdict["hint"]) > 20
            assert verdict["earned"] == 0


@pytest.mark.parametrize("of, function", UNLISTED)
def test_a_mistake_that_is_not_listed_gets_no_other_name(of, function):
    """But for `untouched`, where every slip has one answer: the array has changed."""
    names = {
        (verdict["id"], verdict["diagnosis"])
        for failed in failed_verdicts(of, function)
        for verdict in failed
        if verdict["diagnosis"] and "untouched" not in verdict["id"]
    }
    assert names == set()


def test_unlisted_mistakes_are_not_listed():
    sources = {
        ast.unparse(ast.parse(mistake.source()).body[0].body)
        for name in ("ex01_statistics", "ex02_forward")
        for mistake in mistakes_of(name)
    }
    for parameters in UNLISTED:
        tree = ast.parse(inspect.getsource(parameters.values[1]))
        assert ast.unparse(tree.body[0].body) not in sources


# --- the matrix and the margins -------------------------------------------------------------------


def with_check(this, check_id, **changes):
    """An exercise with one of its checks changed."""
    checks = (
        dataclasses.replace(check, **changes) if check.id == check_id else check
        for check in this.checks
    )
    return dataclasses.replace(this, checks=tuple(checks))


@pytest.fixture(scope="module")
def statistics():
    return exercise("ex01_statistics")


@pytest.fixture(scope="module")
def forward():
    return exercise("ex02_forward")


def failures(this):
    return "\n".join(prove(this, SEEDS)["failures"])


def test_a_sound_exercise_has_no_failures(statistics):
    assert failures(statistics) == ""


def test_a_tolerance_that_lets_a_mistake_through(statistics):
    found = failures(with_check(statistics, "merge_mean", tolerance=0.5))
    assert "plain_average should fail merge_mean and passes it" in found
    assert "merge_mean: tolerance 0.5 is more than a tenth of the error" in found


def test_a_tolerance_too_near_to_a_mistake(statistics):
    found = failures(with_check(statistics, "merge_mean", tolerance=0.1))
    assert "should" not in found
    assert "merge_mean: tolerance 0.1 is more than a tenth of the error" in found
    assert "of plain_average, which is wrong" in found


def test_a_tolerance_too_near_to_a_right_answer(statistics):
    found = failures(with_check(statistics, "far_mean", tolerance=1e-8))
    assert "is right, and fails" not in found
    assert "far_mean: tolerance 1e-08 is less than 10 times the error" in found
    assert "which is right" in found


def test_a_tolerance_that_fails_a_right_answer(statistics):
    found = failures(with_check(statistics, "variance", tolerance=0.0))
    assert "welford is right, and fails variance (2 of 2)" in found
    assert "reference is right" not in found


def catalogue_with(monkeypatch, module, mistake_id, **changes):
    """Change one entry of a catalogue, for one test."""
    entries = [
        dataclasses.replace(mistake, **changes) if mistake.id == mistake_id else mistake
        for mistake in module.CATALOGUE.mistakes
    ]
    monkeypatch.setattr(module.CATALOGUE, "mistakes", entries)


def test_a_mistake_that_names_too_few_checks(statistics, monkeypatch):
    catalogue_with(monkeypatch, ex01_statistics, "second_moment", fails=("variance",))
    assert "second_moment should pass far_mean and fails it 2 of 2 times" in failures(statistics)


def test_a_mistake_that_names_too_many_checks(statistics, monkeypatch):
    catalogue_with(monkeypatch, ex01_statistics, "unbiased", fails=("variance", "mean"))
    assert "unbiased should fail mean and passes it 2 times" in failures(statistics)


def test_a_mistake_that_names_no_check(statistics, monkeypatch):
    catalogue_with(monkeypatch, ex01_statistics, "unbiased", fails=())
    assert "unbiased names no check" in failures(statistics)


def test_a_mistake_that_names_a_check_that_is_not_there(statistics, monkeypatch):
    catalogue_with(monkeypatch, ex01_statistics, "unbiased", fails=("varience",))
    with pytest.raises(ValueError, match="unbiased names no check: .'varience'"):
        prove(statistics, SEEDS)


def test_mistakes_that_cannot_be_told_apart(statistics, monkeypatch):
    entries = list(ex01_statistics.CATALOGUE.mistakes)
    copies = [dataclasses.replace(mistake, id=f"{mistake.id}_again") for mistake in entries[:3]]
    monkeypatch.setattr(ex01_statistics.CATALOGUE, "mistakes", entries + copies)
    found = failures(statistics)
    assert "only 36 of 42 mistakes are named wherever they fail: unbiased, " in found


def test_a_mistake_called_by_another_name():
    row = {"id": "a", "fails": ["mean"], "failed": {"mean": 2}, "named": {"mean": {"b": 1, "a": 1}}}
    assert matrix.mistake_failures(row, 2, ["mean"]) == ["a is called b in mean, 1 times"]
    row["named"] = {"mean": {"a": 1, "nothing": 1}}
    assert matrix.mistake_failures(row, 2, ["mean"]) == []


def test_a_variant_that_is_not_right(statistics, monkeypatch):
    wrong = next(m for m in mistakes_of("ex01_statistics") if m.id == "one_pass")
    variant = Variant("not_so_right", "A mistake.", wrong.function)
    entries = [*ex01_statistics.CATALOGUE.variants, variant]
    monkeypatch.setattr(ex01_statistics.CATALOGUE, "variants", entries)
    assert "not_so_right is right, and fails far_mean (2 of 2)" in failures(statistics)


def test_a_right_answer_with_a_hint():
    verdict = {"id": "mean", "passed": True, "hint": "Look again.", "diagnosis": None}
    assert matrix.hint_failures({"loops": [[verdict]]}) == [
        "loops passes mean and is told: Look again."
    ]


def ask_nothing(student, x):
    """A question that never calls the student's function."""
    return {"x is unchanged": True}


def test_a_check_that_an_empty_notebook_passes(statistics):
    probe = Probe(ask_nothing, lambda rng: [Case("a batch", {"x": np.ones((2, 2))})])
    found = failures(with_check(statistics, "untouched", probe=probe, compare=("x is unchanged",)))
    assert "blank notebook passes untouched" in found
    assert "empty notebook passes untouched" in found


class Layer:
    """A class as an exercise might ask for."""

    def __init__(self, size):
        self.size = size

    @staticmethod
    def twice(x):
        return 2 * x


def test_blank_functions_and_classes():
    for call in (matrix.blank(len), matrix.blank(Layer), matrix.blank(Layer).twice):
        with pytest.raises(NotImplementedError):
            call(3)
    assert isinstance(matrix.blank(Layer), type)
    assert matrix.blank("a constant") == "a constant"


# --- mutants --------------------------------------------------------------------------------------

SMALL = """
def f(x, y, eps=0.5):
    if x > 1 and y:
        x = np.sqrt(x)
    total = (x - y).sum(axis=0) + eps
    x -= total[1:]
    return total, -x
"""


def changes(text, name="f"):
    source = source_of("test", name, text, {"np": np})
    return {(mutant.kind, mutant.after) for mutant in mutants_of(source)}


@pytest.mark.parametrize(
    "kind, after",
    [
        ("operator", "total = (x + y).sum(axis=0) + eps"),
        ("operator", "x += total[1:]"),
        ("operands", "total = (y - x).sum(axis=0) + eps"),
        ("operands", "total = eps"),
        ("comparison", "if x >= 1 and y:"),
        ("condition", "if x > 1 or y:"),
        ("condition", "if y:"),
        ("condition", "if not (x > 1 and y):"),
        ("condition", "x = np.sqrt(x)"),
        ("constant", "total = (x - y).sum(axis=1) + eps"),
        ("constant", "def f(x, y, eps=5.0):"),
        ("keyword", "total = (x - y).sum() + eps"),
        ("keyword", "total = (x - y).sum(axis=0, keepdims=True) + eps"),
        ("wrapper", "x = x"),
        ("wrapper", "total = x - y + eps"),
        ("name", "total = (x - x).sum(axis=0) + eps"),
        ("name", "total = (x - y).mean(axis=0) + eps"),
        ("name", "x = np.square(x)"),
        ("index", "x -= total"),
        ("index", "x -= total[1:-1]"),
        ("sign", "return (total, x)"),
        ("sign", "return (-total, -x)"),
        ("argument", "return (-x, total)"),
        ("argument", "return (total,)"),
        ("deletion", ""),
        ("in place", "x -= y\ntotal = x.sum(axis=0) + eps"),
        ("assignment", "x = total[1:]"),
        ("repetition", "x -= total[1:]"),
    ],
)
def test_changes_that_are_made(kind, after):
    assert (kind, after) in changes(SMALL)


def test_changes_inside_a_class():
    text = """
class Layer(Base):
    '''What it is.'''

    def __init__(self, size, momentum=0.1):
        super().__init__()
        self.mean, self.var = np.zeros(size), np.ones(size)
        self.momentum = momentum

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        for axis in range(len(dy)):
            dy = dy + state["mean"] * state["var"]
        return dy
"""
    made = changes(text, "Layer")
    assert ("constant", "def __init__(self, size, momentum=0.2):") in made
    assert ("name", "self.mean, self.var = (np.ones(size), np.ones(size))") in made
    assert ("deletion", "") in made
    assert ("loop", "for axis in range(len(dy) - 1):") in made
    assert ("constant", "dy = dy + state['var'] * state['var']") in made
    assert not any("What it is" in after for _, after in made)


def test_changes_that_cannot_matter_are_not_made():
    text = """
def f(x):
    '''Documented.'''
    centred = x - x.mean(axis=(0, 1))
    return np.maximum((centred - 1) ** 2, 0), np.zeros(3)
"""
    after = {line for _, line in changes(text)}
    end = "np.zeros(3))"
    assert f"return (np.maximum((1 - centred) ** 2, 0), {end}" not in after
    assert f"return (np.maximum((-(centred - 1)) ** 2, 0), {end}" not in after
    assert f"return (np.maximum(0, (centred - 1) ** 2), {end}" not in after
    assert "return (np.maximum((centred - 1) ** 2, 0), -np.zeros(3))" not in after
    assert "centred = x - x.mean(axis=(1, 0))" not in after
    assert f"return (np.maximum((centred - 1) ** 3, 0), {end}" in after
    words = {
        line for _, line in changes("def f(x):\n    raise ValueError('one', 0.0)\n    g('one')")
    }
    assert "g('one_')" in words
    assert not any("one_'" in line or "-0" in line for line in words if "Error" in line)


def test_each_mutant_is_another_program():
    for source in sources_of(exercise("ex01_statistics")):
        texts = [mutant.text for mutant in mutants_of(source)]
        assert len(set(texts)) == len(texts) > 30
        assert source.text not in texts


def test_sources_are_the_solution_and_the_variants(forward):
    origins = [source.origin for source in sources_of(forward)]
    assert origins == ["solution", *(variant.id for variant in ex02_forward.CATALOGUE.variants)]


def test_sources_without_a_solution(forward, monkeypatch):
    def no_file(this):
        raise FileNotFoundError

    monkeypatch.setattr("autograder.prove.mutate.read_solution", no_file)
    first = sources_of(forward)[0]
    assert (first.origin, first.name) == ("reference", "batchnorm_forward")
    assert "Normalize each feature" not in first.text  # its docstring


RIGHT = """
def batchnorm_forward(x, gamma, beta, eps=1e-05):
    mean, var = (x.mean(axis=0), x.var(axis=0))
    return (gamma * (x - mean) / np.sqrt(var + eps) + beta, None)
"""


def mutant(body, text=RIGHT):
    """A mutant with lines put before the right code's last one."""
    source = Source("test", "batchnorm_forward", text, {"np": np})
    lines = text.strip().splitlines()
    changed = "\n".join([*lines[:-1], *(f"    {line}" for line in body), lines[-1]])
    return Mutant(source, "test", changed, "", body[0])


def test_a_mutant_that_is_noticed_and_one_that_survives(forward):
    noticed, survives = try_mutants(forward, [mutant(["eps = 0.5"]), mutant(["eps = eps"])], SEEDS)
    assert noticed.killed and noticed.survived == 0
    assert "eps" in noticed.failed[0]
    assert not survives.killed and survives.survived == SEEDS


def test_a_survivor_is_reported_unless_it_is_known(forward, monkeypatch):
    monkeypatch.setattr(equivalent, "EQUIVALENT", ())
    trials = try_mutants(forward, [mutant(["eps = eps"])], SEEDS)
    found = review(forward, trials, SEEDS, complete=True)
    assert [hole["after"] for hole in found["holes"]] == ["eps = eps"]
    assert found["failures"][0].startswith("survives 2 of 2 times: test in batchnorm_forward")

    entry = Equivalent("ex02_forward", "batchnorm_forward", "", "eps = e...", "nothing changes")
    monkeypatch.setattr(equivalent, "EQUIVALENT", (entry,))
    found = review(forward, trials, SEEDS, complete=True)
    assert (found["holes"], found["failures"]) == ([], [])
    assert found["equivalent"] == {"nothing changes": 1}

    others = try_mutants(forward, [mutant(["eps = 0.5"])], SEEDS)
    stale = review(forward, others, SEEDS, complete=True)["failures"]
    assert stale == ["stale entry:  -> eps = e..."]
    assert review(forward, others, SEEDS, complete=False)["failures"] == []


@pytest.mark.parametrize("complete", [True, False])
def test_an_entry_that_calls_a_wrong_mutant_right_is_reported(forward, monkeypatch, complete):
    wide = Equivalent("ex02_forward", "batchnorm_forward", "", "eps = ...", "nothing changes")
    elsewhere = Equivalent("ex02_forward", "batchnorm_forward", "", "...", "nothing", "loops")
    monkeypatch.setattr(equivalent, "EQUIVALENT", (wide, elsewhere))
    trials = try_mutants(forward, [mutant(["eps = eps"]), mutant(["eps = 0.5"])], SEEDS)
    failures = review(forward, trials, SEEDS, complete)["failures"]
    assert failures[0].startswith("an entry calls right what was noticed: test in")
    assert failures[0].endswith("+ eps = 0.5")
    assert failures[1:] == ["stale entry:  -> ..."] * complete


def test_what_was_found_of_a_mutant_is_kept(forward, tmp_path, monkeypatch):
    """A trial that was kept is not made again; one that was not, is, and is added."""
    file = tmp_path / "trials" / "some.jsonl"
    wrong, right = mutant(["eps = 0.5"]), mutant(["eps = eps"])
    first = try_mutants(forward, [wrong], SEEDS, kept=Kept(file))
    with file.open("a") as stopped:
        stopped.write('["1234')  # in the middle of a line

    usual = mutants.attempt

    def attempt(exercise, mutant, *rest):
        (tmp_path / mutant.after).touch()  # seen from here, though made in a worker
        return usual(exercise, mutant, *rest)

    monkeypatch.setattr(mutants, "attempt", attempt)
    for expected in (["eps = eps"], []):
        both = try_mutants(forward, [wrong, right], SEEDS, kept=Kept(file))
        assert both[0] == first[0] and both[1].survived == SEEDS
        assert [path.name for path in tmp_path.glob("eps*")] == expected
        for path in tmp_path.glob("eps*"):
            path.unlink()


def test_kept_trials_hold_until_what_they_depend_on_changes(forward, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    file = kept.kept_for(forward, 2).path
    file.touch()
    assert kept.kept_for(forward, 2).path == file and file.exists()
    assert kept.kept_for(forward, 3).path != file and not file.exists()
    names = {path.relative_to(ROOT).as_posix() for path in kept.sources(forward)}
    assert {
        "autograder/checks/ex02_forward.py",
        "autograder/checks/deciding.py",
        "autograder/mistakes/ex02_forward.py",
        "autograder/prove/mutants.py",
        "autograder/reference/dense.py",
        "solutions/ex02_forward.py",
    } <= names
    monkeypatch.setattr(kept, "versions", lambda exercise: ["numpy 3"])
    assert kept.kept_for(forward, 2).path != file


def test_later_inputs_are_tried_until_a_check_fails(forward):
    (trial,) = try_mutants(forward, [mutant(["eps = 0.5"])], 3)
    first, *later = trial.failed
    assert len(first) > 1 and "eps" in first
    assert all(len(failed) == 1 and set(failed) <= set(first) for failed in later)


def test_one_that_is_noticed_on_its_first_inputs_only_is_a_hole(forward):
    class Forgets:
        calls = 0

    body = ["Forgets.calls += 1", "eps = eps if Forgets.calls > 40 else 0.5"]
    source = Source("test", "batchnorm_forward", RIGHT, {"np": np, "Forgets": Forgets})
    lines = RIGHT.strip().splitlines()
    text = "\n".join([*lines[:-1], *(f"    {line}" for line in body), lines[-1]])
    (trial,) = try_mutants(forward, [Mutant(source, "test", text, "", body[0])], SEEDS)
    assert (bool(trial.failed[0]), trial.failed[1], trial.survived) == (True, [], 1)
    assert not trial.killed


def test_one_that_survives_now_and_then_is_a_hole_even_if_known(forward, monkeypatch):
    entry = Equivalent("ex02_forward", "batchnorm_forward", "...", "...", "anything")
    monkeypatch.setattr(equivalent, "EQUIVALENT", (entry,))
    trial = mutants.Trial(mutant(["eps = eps"]), failed=[["eps"], []])
    assert not trial.killed
    found = review(forward, [trial], SEEDS, complete=False)
    assert found["holes"][0]["survived"] == 1


def test_patterns_of_the_table():
    assert equivalent.fits("x = ...", "x = (a) * [b]")
    assert equivalent.fits("a...b", "a\nb")
    assert not equivalent.fits("x = ...", "y = x = 1")
    assert not equivalent.fits("x.y", "x_y")
    entry = Equivalent("test", "f", "<1>(<2>)", "<1>(<2>, 1)...", "")
    for after, fits in [("f(a, 1)", True), ("f(a, 1).T", True), ("g(a, 1)", False)]:
        assert entry.matches("test", Mutant(Source("", "f", "", {}), "", "", "f(a)", after)) is fits


HANGS = ["while True:", "    pass"]
HOLDS_ON = ["while True:", "    try:", "        while True:", "            pass"]
HOLDS_ON += ["    except BaseException:", "        pass"]


@pytest.mark.parametrize("body, patience", [(HANGS, 60.0), (HOLDS_ON, 0.5)])
def test_a_mutant_that_never_ends(forward, monkeypatch, body, patience):
    """The first is stopped by its own timer, the second by the end of its process."""
    monkeypatch.setattr(mutants, "PATIENCE", patience)
    tried = [mutant(["eps = 0.5"]), mutant(body), mutant(["eps = eps"])]
    start = time.monotonic()
    trials = try_mutants(forward, tried, 1, limit=0.2)
    assert time.monotonic() - start < 50
    assert [trial.ended for trial in trials] == [None, "time", None]
    assert [trial.killed for trial in trials] == [True, True, False]


def test_a_mutant_that_takes_much_memory(forward):
    """Without a cap the array is never touched, so it costs nothing and the code is right."""
    (trial,) = try_mutants(forward, [mutant(["big = np.empty(2**29)"])], 1)
    assert trial.killed and trial.ended is None
    assert len(trial.failed[0]) == len(forward.checks)


def test_a_mutant_that_ends_the_process(forward):
    tried = [mutant(["import os; os._exit(0)"]), mutant(["eps = eps"])]
    for jobs in (1, 2):
        trials = try_mutants(forward, tried, 1, jobs=jobs)
        assert [trial.ended for trial in trials] == ["died", None]
        assert [trial.killed for trial in trials] == [True, False]


def test_a_mutant_that_cannot_be_defined(forward):
    source = Source("test", "batchnorm_forward", RIGHT, {"np": np})
    text = RIGHT.replace("eps=1e-05", "eps=np.nothing")
    (trial,) = try_mutants(forward, [Mutant(source, "test", text, "", "")], 1)
    assert len(trial.failed[0]) == len(forward.checks)


def test_a_source_that_fails_as_it_stands(forward):
    """Else a broken harness would notice every mutant."""
    text = RIGHT.replace("var + eps", "var")
    with pytest.raises(RuntimeError, match="test of batchnorm_forward fails"):
        try_mutants(forward, [mutant(["eps = 0.5"], text)], 1)


def test_checks_that_raise_are_reported(forward, monkeypatch):
    sound = type(forward).decide

    def decide(self, answers, key):
        verdicts = sound(self, answers, key)
        if not all(verdict["passed"] for verdict in verdicts):
            raise KeyError("y")
        return verdicts

    monkeypatch.setattr(type(forward), "decide", decide)
    trials = try_mutants(forward, [mutant(["eps = 0.5"])], 1)
    found = review(forward, trials, 1, complete=False)["failures"]
    assert found[0].startswith("the checks raise KeyError: 'y' for test in batchnorm_forward")


@pytest.mark.parametrize("name", EXERCISES)
def test_no_holes_among_some_mutants(name, request):
    some = 120 if request.config.getoption("--full") else 24
    found = output.prove_with_mutants(exercise(name), 1, some)["mutants"]
    assert (found["made"], found["holes"]) == (some, [])
    assert found["killed"] > some * 3 / 4


# --- the report -----------------------------------------------------------------------------------


def test_run_prints_and_writes(capsys, tmp_path):
    out = tmp_path / "proof"
    assert run(["ex01_statistics"], SEEDS, 20, out) == 0
    text = capsys.readouterr().out
    assert "unbiased                  .  X  .  .  .  .  .  .  .  .  .\n" in text
    assert "Right: reference, solution, loops, welford" in text
    assert "Mutants (a sample): " in text
    assert text.rstrip().splitlines()[-1].startswith("ex01_statistics: proved; 39 mistakes")
    assert max(map(len, text.splitlines())) <= 140
    written = json.loads((out / "ex01_statistics.json").read_text())
    assert written["made"]["numpy"] == np.__version__
    assert written["failures"] == []
    assert written["mutants"]["made"] == 20


def test_run_says_what_failed(capsys, monkeypatch):
    catalogue_with(monkeypatch, ex01_statistics, "unbiased", fails=("variance", "mean"))
    assert run(["ex01_statistics"], SEEDS) == 1
    text = capsys.readouterr().out
    assert "unbiased                  !  X  .  ." in text
    assert "Failures:\n  unbiased should fail mean and passes it 2 times\n" in text
    assert "ex01_statistics: 2 FAILURES; " in text  # the other is the margin of mean


def test_infinities_are_written_as_words():
    assert output.without_infinities({"a": [np.inf, 1.0]}) == {"a": ["inf", 1.0]}
