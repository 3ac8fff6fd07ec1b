"""Code that is alike: independent right answers are not reported, copies in disguise are."""

import ast
import itertools
import random
from functools import cache

import pytest

from autograder.checks import EXERCISES, exercise
from autograder.mistakes import mistakes_of, variants_of
from autograder.report.similarity import ALIKE, LEAST, nearly_same, runs, tokens, usual

NUMPY = [name for name in EXERCISES if name < "ex08" and variants_of(name)]


class Disguise(ast.NodeTransformer):
    """Gives every name that a function makes for itself another one."""

    def __init__(self, own):
        self.own = own

    def visit_Name(self, node):
        return ast.Name(self.own.get(node.id, node.id), node.ctx)

    def visit_arg(self, node):
        node.arg = self.own.get(node.arg, node.arg)
        return node


def copied(source, changed=0):
    """Return a copy in disguise: other names, comments, and as many statements changed."""
    tree = ast.parse(source)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
    tree = Disguise({name: f"my_{name}_2" for name in stored}).visit(tree)
    body = tree.body[0].body
    for statement in random.Random(0).sample(body[:-1], min(changed, len(body) - 1)):
        body.insert(body.index(statement) + 1, ast.parse("extra = len(str(0)) * 3").body[0])
    lines = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
    return "\n".join(f"{line}  # step {number}" for number, line in enumerate(lines))


@cache
def catalogue(name):
    return {e.id: runs([e.source()]) for e in mistakes_of(name) + variants_of(name)}


def unknown_of(name, ids):
    """Return what the catalogue explains, had it never heard of these entries."""
    return frozenset().union(*(found for i, found in catalogue(name).items() if i not in ids))


def test_tokens_do_not_show_names_comments_or_layout():
    one = 'def f(x):\n    "says"\n    mean = x.mean(axis=0)  # the mean\n    return x - mean\n'
    two = "def g(data):\n  m = data.mean(axis = 0)\n\n  # centred\n  return data - \\\n    m\n"
    assert (
        tokens(one) == [t for t in tokens(two) if t not in "()"]
        or tokens(one)[:8] == tokens(two)[:8]
    )
    assert "mean" in tokens(one) and "the" not in tokens(one) and "x" not in tokens(one)
    assert tokens("def f(:\n  '''") is not None  # what is no Python does not stop a report


@pytest.mark.parametrize("name", NUMPY)
def test_independent_right_answers_are_far_below_the_threshold(name):
    """Two variants that nobody has seen before, against each other, share less than half of it."""
    for a, b in itertools.combinations(variants_of(name), 2):
        if a.of == b.of:
            known = unknown_of(name, (a.id, b.id))
            first, second = catalogue(name)[a.id] - known, catalogue(name)[b.id] - known
            if len(first & second) >= LEAST:
                assert len(first & second) / len(first | second) < ALIKE / 2, (a.id, b.id)


def test_a_copy_in_disguise_is_reported_and_nobody_else():
    """In a class of the catalogue's entries, none known before, one is copied with a change."""
    name, missed, tried = "ex05_running_averages", [], 0
    entries = variants_of(name)[::2]
    known = unknown_of(name, [e.id for e in entries])
    for entry in entries:
        class_ = {e.id: [e.source()] for e in entries if e.of == entry.of}
        copy = copied(entry.source(), changed=1)
        if len(catalogue(name)[entry.id] - known) < 2 * LEAST:
            continue  # too little of its own to say anything
        tried += 1
        pairs = nearly_same(class_ | {"copy": [copy]}, known)
        if {(p.first, p.second) for p in pairs} != {tuple(sorted((entry.id, "copy")))}:
            missed.append((entry.id, pairs))
    assert tried >= 5 and not missed, missed


@pytest.mark.parametrize("name", NUMPY)
def test_answers_that_the_catalogue_knows_are_nobodys_copy(name):
    known = usual(exercise(name))
    for entry in (mistakes_of(name) + variants_of(name))[::10]:
        class_ = {"a": [entry.source()], "b": [copied(entry.source())]}
        assert nearly_same(class_, known) == []


def test_what_all_the_class_shares_is_no_reason():
    """A helper that everybody took from a lecture."""
    lecture = variants_of("ex05_running_averages")[0].source()
    class_ = {f"s{n}": [lecture, f"value_{n} = {n}"] for n in range(8)}
    assert nearly_same(class_) == []
    assert len(nearly_same({"s1": [lecture], "s2": [lecture]})) == 1
