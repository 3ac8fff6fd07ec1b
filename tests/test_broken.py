"""Broken and strange submissions, graded in one class by the real command."""

import json
import shutil

import pytest
from conftest import NO_SANDBOX
from hostile.broken import BROKEN, FULL, FULL_ONLY
from hostile.classroom import NAME, RIGHT, WARNS, World, notebook

from autograder.checks import exercise

# Names of students that are no names: each is a folder with a right submission.
NAMES = [
    "o'brien",
    "müller-lüdenscheidt",
    "李小龙",
    "a%s{0}$(id)`id`",
    "-rf",
    "a.b+c d",
    "x" * 100,
    "é\u202e",
]
PATTERN = "[a-z]*"  # to nbgrader it names nearly everybody else
HONEST = {"aa_honest": RIGHT, "mm_honest": WARNS, "zz_honest": RIGHT}

pytestmark = pytest.mark.skipif(bool(NO_SANDBOX), reason=f"no sandbox: {NO_SANDBOX}")


def each():
    """Return the broken submissions as parameters of a test."""
    full = {True: [pytest.mark.full], False: []}
    return [pytest.param(name, marks=full[name in FULL_ONLY]) for name in BROKEN]


@pytest.fixture(scope="module")
def world(request):
    """The class, graded once."""
    world = World()
    everything = request.config.getoption("--full")
    world.tried = [name for name in BROKEN if everything or name not in FULL_ONLY]
    for student, source in HONEST.items():
        world.add(student, notebook(f"# {world.tokens['submission']}\n{source}"))
    for name in world.tried:
        BROKEN[name][0](world.add(name, None))
    for name in (*NAMES, PATTERN):
        world.add(name, notebook(RIGHT))
    world.done = world.grade()
    assert world.done.returncode == 0, world.done.stderr
    yield world
    world.close()


def test_there_are_enough_and_each_says_what_it_is():
    assert len(BROKEN) >= 40
    assert exercise(NAME).points == FULL
    for name, (write, _) in BROKEN.items():
        assert write.__doc__ and write.__doc__.endswith("."), name


@pytest.mark.parametrize("name", each())
def test_a_broken_submission_gets_what_it_deserves(world, name):
    points = BROKEN[name][1]
    result = world.results()[name]
    assert bool(result.problem) == (points is None), result.problem
    assert result.earned == world.scores()[name] == (points or 0), world.said(name)
    assert len(result.verdicts) == len(exercise(NAME).checks)
    if points != FULL:
        assert world.said(name).strip()


@pytest.mark.parametrize("name", [name for name, (_, points) in BROKEN.items() if points is None])
def test_the_reason_is_one_short_line_that_names_no_place_of_ours(world, name):
    reason = world.results()[name].problem
    assert 0 < len(reason) <= 400 and reason.isprintable()
    assert str(world.top) not in reason
    assert f"{name}, {NAME}: not judged. {reason}" in world.done.stdout


@pytest.mark.parametrize("name", [*HONEST, *NAMES])
def test_an_honest_student_keeps_the_marks_whatever_the_name(world, name):
    assert world.results()[name].earned == world.scores()[name] == FULL


def test_a_name_that_is_a_pattern_is_refused_and_said(world):
    assert PATTERN not in world.results()
    (line,) = [line for line in world.done.stdout.splitlines() if line.startswith(f"{PATTERN},")]
    assert "not judged" in line and "rename it" in line


def test_nobody_reads_what_is_anothers(world):
    for name in world.tried:
        seen = world.outputs(name) + world.said(name)
        assert [place for place, token in world.tokens.items() if token in seen] == [], name


def test_nobody_is_graded_twice_or_left_out(world):
    assert world.results().keys() == world.scores().keys() == {*world.tried, *HONEST, *NAMES}


def test_the_command_says_nothing_of_its_own_trouble(world):
    for text in (world.done.stdout, world.done.stderr):
        assert "Traceback" not in text
        assert sorted({c for c in text if not c.isprintable() and c != "\n"} - {"\u202e"}) == []


def test_what_was_handed_in_is_left_as_it_was(world):
    """Grading reads the class; it writes to the course only."""
    assert json.loads((world.folder / "renamed" / NAME / f"{NAME} (1).ipynb").read_text())
    assert not (world.folder / "renamed" / NAME / f"{NAME}.ipynb").exists()
    assert (world.folder / "a_link_to_another_notebook" / NAME / f"{NAME}.ipynb").is_symlink()


def test_nothing_is_left(world):
    assert world.processes() == []
    assert list(world.temporary.iterdir()) == []


# --- nbgrader's own command ---

STOCK = (
    "truncated",
    "graded_cells_retyped",
    "kernel_of_r",
    "a_link_to_another_notebook",
    "renamed",
)


def test_nbgrader_autograde_gives_the_same(world):
    """In the folder autograder/, on submissions as its own exchange would have left them."""
    other = World()
    try:
        shutil.copytree(world.folder / "aa_honest", other.course / "submitted" / "aa_honest")
        for name in STOCK:
            source, target = world.folder / name, other.course / "submitted" / name
            shutil.copytree(source, target, symlinks=True)
        release = other.checkout.autograder(
            "release", NAME, "--to", other.top / "released", course=other.course
        )
        assert release.returncode == 0, release.stderr
        done = other.run("nbgrader", "autograde", NAME, cwd=other.checkout.root / "autograder")
        assert done.returncode == 0, done.stderr
        ours, theirs = world.results(), other.results()
        assert theirs.keys() == {"aa_honest", *STOCK}
        for name in theirs:
            assert theirs[name].verdicts == ours[name].verdicts, name
            assert bool(theirs[name].problem) == bool(ours[name].problem), name
        assert other.scores() == {name: world.scores()[name] for name in theirs}
        assert other.processes() == [] and list(other.temporary.iterdir()) == []
    finally:
        other.close()
