"""Keep what became of each mutant, so that a long proof that was stopped goes on where it stopped.

A trial is worth keeping as long as nothing has changed that it depends on: the questions, the
reference, the catalogue, how mutants are made and tried, the data, and the libraries. All that is
in the name of the file.
"""

import hashlib
import json
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.checks import Exercise
from autograder.paths import BUILD, DATA, ROOT, SOLUTIONS
from autograder.prove.mutate import Mutant

FOLDER = BUILD / "trials"


class Kept:
    """Trials in a file, one in a line.

    Args:
        path: of the file; it need not be there.
    """

    def __init__(self, path: Path):
        self.path, self._found = path, {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            try:
                digest, *became = json.loads(line)
            except ValueError:  # it was stopped in the middle of a line
                continue
            self._found[digest] = became

    def get(self, mutant: Mutant) -> list | None:
        """Return what became of a mutant, as it was given to `add`; None where it is not known."""
        return self._found.get(digest(mutant))

    def add(self, mutant: Mutant, became: list) -> None:
        """Write down what became of a mutant.

        Args:
            mutant: the mutant.
            became: list of plain values.
        """
        self._found[digest(mutant)] = became
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" * self._torn() + json.dumps([digest(mutant), *became]) + "\n")

    def _torn(self) -> bool:
        """Whether the last line has no end."""
        if not self.path.exists() or not self.path.stat().st_size:
            return False
        with self.path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) != b"\n"


def kept_for(exercise: Exercise, seeds: int) -> Kept:
    """Return the trials of an exercise that still hold; remove those that do not.

    Args:
        exercise: whose mutants.
        seeds: how many sets of inputs each is tried on.
    """
    state = hashlib.sha256(f"{seeds} {versions(exercise)}".encode())
    for path in sources(exercise):
        state.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    path = FOLDER / f"{exercise.name}-{state.hexdigest()[:16]}.jsonl"
    for old in FOLDER.glob(f"{exercise.name}-*.jsonl"):
        if old != path:
            old.unlink()
    return Kept(path)


def sources(exercise: Exercise) -> Iterator[Path]:
    """Yield the files on which it depends what becomes of a mutant of an exercise."""
    ours = ROOT / "autograder"
    folders = [ours / "checks", ours / "reference", DATA, SOLUTIONS / f"{exercise.name}.py"]
    trying = [ours / "prove" / f"{name}.py" for name in ("mutants", "mutate")]
    catalogue = (ours / "mistakes").glob(f"{exercise.name}*")
    for top in [*folders, *trying, *catalogue, ours / "mistakes" / "model.py"]:
        found = top.rglob("*") if top.is_dir() else [top]
        yield from sorted(path for path in found if path.is_file() and path.suffix != ".pyc")


def versions(exercise: Exercise) -> list[str]:
    """Return Python's version and those of the libraries that an exercise has."""
    found = [platform.python_version(), platform.machine()]
    for package in exercise.packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"no {package}")
    return found


def digest(mutant: Mutant) -> str:
    """Return what tells a mutant from every other."""
    source = mutant.source
    text = "\0".join([source.origin, source.name, mutant.kind, mutant.text])
    return hashlib.sha256(text.encode()).hexdigest()[:24]
