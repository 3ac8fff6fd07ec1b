"""Attacks, graded in one class by the real command: what they earn, read, write, reach, leave."""

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import NO_SANDBOX
from hostile.classroom import LONGEST, NAME, RIGHT, WARNS, WRONG, World, notebook

from autograder.checks import exercise
from autograder.judge import Judge

FOLDER = Path(__file__).parent / "hostile" / "attacks"
ATTACKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.py"))}
LONG = {name for name, text in ATTACKS.items() if "\n# with --full\n" in text}
HONEST = {"aa_honest": RIGHT, "mm_honest": WARNS, "zz_honest": RIGHT}
FULL = exercise(NAME).points

pytestmark = pytest.mark.skipif(bool(NO_SANDBOX), reason=f"no sandbox: {NO_SANDBOX}")


def each():
    """Return the attacks as parameters of a test."""
    full = {True: [pytest.mark.full], False: []}
    return [pytest.param(name, marks=full[name in LONG]) for name in ATTACKS]


def names_for(world):
    """Return the cell by which an attack knows where to look."""
    return "\n".join(
        [
            "import numpy as np",
            f"PLACES = {[str(place) for place in world.places]!r}",
            f"CANARY, MARK = {str(world.canary)!r}, {world.mark!r}",
            f"PORT, ABSTRACT = {world.listeners.port}, {world.listeners.abstract!r}",
            f"LISTENER, LURE = {str(world.listeners.path)!r}, {str(world.lure.path)!r}",
        ]
    )


def hand_in(world, attacks):
    """Hand in the honest students and these attacks."""
    for student, source in HONEST.items():
        world.add(student, notebook(f"# {world.tokens['submission']}\n{source}"))
    for name in attacks:
        text, names = ATTACKS[name], names_for(world)
        beside = re.search(r"^# beside: (.*)$", text, re.MULTILINE)  # modules with the same text
        files = (
            [(file, f"{names}\n{text}".encode()) for file in beside[1].split()] if beside else []
        )
        world.add(name, notebook(names, f"{WRONG}\n\n{text}"), files)


@pytest.fixture(scope="module")
def world(request):
    """The class, graded once."""
    world = World()
    world.tried = [n for n in ATTACKS if n not in LONG or request.config.getoption("--full")]
    hand_in(world, world.tried)
    world.before = kept(world)
    world.done = world.grade()
    assert world.done.returncode == 0, world.done.stderr
    yield world
    world.close()


def kept(world):
    """Return the bytes of what no submission may change, and the names of what stands beside."""
    places = [
        world.canary,
        *world.checkout.root.glob("autograder/**/*.py"),
        world.course / "secret",
    ]
    places += [path for path in world.folder.rglob("*") if path.is_file()]
    files = {str(path): path.read_bytes() for path in places}
    return files | {"outside": sorted(path.name for path in world.outside.iterdir())}


def wanted(name):
    """Return what an attack must leave to be seen: the proof that it ran as far as it means to."""
    found = re.search(r"^# shows: ?(.*)$", ATTACKS[name], re.MULTILINE)
    return found[1] if found else "tried"


# --- the suite itself ---


def test_there_are_enough_attacks_and_each_says_what_it_tries():
    assert len(ATTACKS) >= 40
    for name, text in ATTACKS.items():
        assert re.match(r'"""[A-Z][^\n]+[.?]"""\n', text), name


def test_the_wrong_solution_deserves_nothing():
    space = {"np": np}
    exec(WRONG, space)
    this = exercise(NAME)
    judge = Judge(this, 3)
    verdicts = this.decide(this.answers(space, judge.key), judge.key)
    assert [verdict["earned"] for verdict in verdicts] == [0] * len(this.checks)


# --- what an attack gets ---


@pytest.mark.parametrize("name", each())
def test_an_attack_was_tried(world, name):
    """What it wants to be seen is seen, so the other tests are about something."""
    seen = world.outputs(name) + world.said(name)
    assert wanted(name) in seen


@pytest.mark.parametrize("name", each())
def test_an_attack_earns_nothing(world, name):
    """Its process is its function: what that gives is judged, and what it is said to leave alone.

    So one that says that it did not change x is worth what a copy of x, made in time, is worth.
    """
    said = re.search(r"^# earns: (.*)$", ATTACKS[name], re.MULTILINE)
    result = world.results()[name]
    earned = {v["id"]: v["earned"] for v in result.verdicts if v["earned"]}
    assert list(earned) == ([said[1]] if said else [])
    assert said is None or said[1] == "untouched"
    assert len(result.verdicts) == len(exercise(NAME).checks)
    assert world.scores()[name] == sum(earned.values())


@pytest.mark.parametrize("name", each())
def test_an_attack_reads_nothing(world, name):
    seen = world.outputs(name) + world.said(name)
    assert [place for place, token in world.tokens.items() if token in seen] == []
    assert "LOOT" not in seen


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_student_keeps_the_marks(world, name):
    assert world.results()[name].earned == FULL
    assert world.scores()[name] == FULL
    assert f"\n{name} " in world.done.stdout


def test_every_attack_has_a_verdict_with_a_reason(world):
    results = world.results()
    assert results.keys() == {*world.tried, *HONEST}
    assert [who for who in world.tried if not world.said(who).strip()] == []


def test_nothing_outside_has_changed(world):
    after = kept(world)
    assert [name for name in after if after[name] != world.before.get(name)] == []
    assert after.keys() == world.before.keys()


def test_nobody_was_reached(world):
    assert world.listeners.heard == []


def test_the_client_is_not_sent_elsewhere(world):
    assert world.lure.heard == []


def test_nothing_is_left(world):
    assert world.processes() == []
    assert list(world.temporary.iterdir()) == []


def test_no_attack_takes_longer_than_it_may(world):
    slow = {name: round(time) for name, time in world.durations().items() if time > LONGEST}
    assert slow == {}


def test_what_an_instructor_reads_cannot_be_forged(world):
    for text in (world.done.stdout, world.done.stderr):
        assert sorted({c for c in text if not c.isprintable() and c != "\n"}) == []
    lines = [line for line in world.done.stdout.splitlines() if "zz_honest" in line[:9]]
    assert lines == [line for line in lines if line.split("|")[-1].strip() == str(FULL)]
    assert len(lines) == 1
    assert "Traceback" not in world.done.stdout + world.done.stderr


# --- the same by nbgrader's own command, and with the walls down ---

STOCK = (
    "closes_its_output",
    "kills_everything",
    "reads_by_name",
    "terminal_escapes",
    "writes_outside",
)
SEEN = ("reads_by_name", "reads_environments", "connects_by_tcp", "connects_by_unix_socket")


def test_nbgrader_autograde_gives_the_same(world):
    other = World()
    try:
        for name in ("aa_honest", *STOCK):
            shutil.copytree(world.folder / name, other.course / "submitted" / name)
        words = ("release", NAME, "--to", other.top / "released")
        done = other.checkout.autograder(*words, course=other.course)
        assert done.returncode == 0, done.stderr
        done = other.run("nbgrader", "autograde", NAME, cwd=other.checkout.root / "autograder")
        assert done.returncode == 0, done.stderr
        assert other.scores() == {name: world.scores()[name] for name in ("aa_honest", *STOCK)}
        for name in STOCK:
            seen = other.outputs(name) + other.said(name)
            assert wanted(name) in seen
            assert other.tokens["secret"] not in seen and world.tokens["submission"] not in seen
        assert other.processes() == [] and list(other.temporary.iterdir()) == []
    finally:
        other.close()


def test_without_the_walls_the_canaries_are_found():
    """Else the tests on what is read and reached would pass whatever happened."""
    bare = World()
    try:
        hand_in(bare, SEEN)
        done = bare.run(sys.executable, "-m", "autograder", "grade", "--unprotected", bare.folder)
        assert done.returncode == 0, done.stderr
        seen = {name: bare.outputs(name) for name in SEEN}
        for place in ("outside", "reference", "submission"):
            assert bare.tokens[place] in seen["reads_by_name"], place
        assert bare.tokens["environment"] in seen["reads_environments"]
        assert "LOOT" in seen["connects_by_unix_socket"]
        assert len(set(bare.listeners.heard)) == 4
    finally:
        bare.close()
