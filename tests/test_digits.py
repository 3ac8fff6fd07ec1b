"""The digits and their loader: right contents, clear errors, NumPy and nothing else."""

import gzip
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # of the test part, as UCI gives them


def load_module(folder):
    spec = importlib.util.spec_from_file_location("digits", folder / "digits.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digits():
    return load_module(DATA)


@pytest.fixture(scope="module")
def loaded(digits):
    return digits.load_digits()


@pytest.fixture(scope="module")
def lines():
    return gzip.decompress((DATA / "digits.csv.gz").read_bytes()).decode("ascii").splitlines()


@pytest.fixture
def elsewhere(tmp_path):
    """A copy of the loader in a folder of its own, without the data."""
    shutil.copy(DATA / "digits.py", tmp_path)
    return tmp_path


def test_shape_and_dtype(loaded):
    images, labels = loaded
    assert (images.shape, images.dtype) == ((1797, 64), np.float64)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)


def test_values(loaded):
    images, labels = loaded
    assert (images.min(), images.max()) == (0, 1)
    assert np.array_equal(np.unique(images * 16), np.arange(17))
    assert np.array_equal(np.unique(labels), np.arange(10))


def test_counts_per_class(loaded):
    assert np.bincount(loaded[1], minlength=10).tolist() == COUNTS


def test_rows_are_those_of_the_file(loaded, lines):
    images, labels = loaded
    for row in (0, 1, 1000, 1796):
        *pixels, label = map(int, lines[row].split(","))
        assert (images[row] * 16).tolist() == pixels
        assert labels[row] == label


def test_each_call_returns_fresh_arrays(digits, loaded):
    images, labels = digits.load_digits()
    assert not np.shares_memory(images, loaded[0])
    images[:], labels[:] = 7, 7
    assert np.array_equal(digits.load_digits()[0], loaded[0])
    assert np.array_equal(digits.load_digits()[1], loaded[1])


def test_readme_tells_the_truth(loaded):
    text = (DATA / "README.md").read_text(encoding="utf-8")
    packed = (DATA / "digits.csv.gz").read_bytes()
    for name, content in (("`digits.csv.gz`", packed), ("the table", gzip.decompress(packed))):
        bytes_and_sha = re.search(rf"^\| {name}[^|]*\| (\d+) \| `([0-9a-f]{{64}})` \|$", text, re.M)
        assert bytes_and_sha, f"data/README.md has no row with size and sha256 of {name}"
        assert bytes_and_sha.groups() == (str(len(content)), hashlib.sha256(content).hexdigest())
    assert f"| images | {' | '.join(map(str, COUNTS))} |" in text
    for part in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "licenses/by/4.0"):
        assert part in text


def test_gzip_header_holds_no_name_and_no_time():
    header = (DATA / "digits.csv.gz").read_bytes()[:8]
    assert header == b"\x1f\x8b\x08\x00" + bytes(4)


def test_split_has_every_row_once(digits):
    rows = np.arange(1797)
    train_images, train_labels, test_images, test_labels = digits.split(rows[:, None], rows)
    assert (train_images.shape, test_images.shape) == ((1297, 1), (500, 1))
    assert np.array_equal(train_images[:, 0], train_labels)
    assert np.array_equal(test_images[:, 0], test_labels)
    assert np.array_equal(np.sort(np.concatenate([train_labels, test_labels])), rows)


def test_split_is_the_same_everywhere(digits):
    rows = np.arange(1797)
    _, first, _, rest = digits.split(rows[:, None], rows)
    assert first[:5].tolist() == [360, 1773, 1482, 600, 850]
    assert rest[-5:].tolist() == [1449, 184, 1528, 975, 607]


def test_split_parts_hold_every_class(digits, loaded):
    _, train_labels, _, test_labels = digits.split(*loaded)
    assert np.bincount(train_labels, minlength=10).min() >= 100
    assert np.bincount(test_labels, minlength=10).min() >= 35


@pytest.mark.parametrize("train", [0, -3, 1797, 1798])
def test_split_refuses_an_empty_part(digits, loaded, train):
    with pytest.raises(ValueError, match=f"train is {train}, expected 1 to 1796"):
        digits.split(*loaded, train=train)


def test_split_refuses_unequal_lengths(digits, loaded):
    with pytest.raises(ValueError, match="1797 images but 1796 labels"):
        digits.split(loaded[0], loaded[1][1:])


def test_file_is_found_beside_the_module(elsewhere, monkeypatch, loaded):
    (elsewhere / "run").mkdir()
    monkeypatch.chdir(elsewhere / "run")
    shutil.copy(DATA / "digits.csv.gz", elsewhere)
    assert np.array_equal(load_module(elsewhere).load_digits()[0], loaded[0])


def test_missing_file(elsewhere):
    with pytest.raises(FileNotFoundError, match="same folder as digits.py") as raised:
        load_module(elsewhere).load_digits()
    assert str(elsewhere) in str(raised.value)


def test_damaged_gzip(elsewhere):
    whole = (DATA / "digits.csv.gz").read_bytes()
    middle = len(whole) // 2
    damaged = {
        "cut short": whole[:middle],
        "one bit off": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "impossible block": whole[:10] + b"\xff" * 20 + whole[30:],
        "no gzip": b"<html>404</html>",
        "empty": b"",
        "more behind": whole + b"x",
    }
    for name, content in damaged.items():
        (elsewhere / "digits.csv.gz").write_bytes(content)
        with pytest.raises(ValueError, match=r"digits\.csv\.gz is damaged, copy it again"):
            load_module(elsewhere).load_digits()
            pytest.fail(f"a file that is damaged ({name}) was read")


WRONG_TABLES = {
    "row missing": (lambda rows: rows[:-1], "its shape is (1796, 65), expected (1797, 65)"),
    "column missing": (lambda rows: [row[2:] for row in rows], "its shape is (1797, 64)"),
    "short row": (lambda rows: [*rows[:-1], "1,2"], ""),
    "pixel 17": (lambda rows: ["17" + rows[0][1:], *rows[1:]], "its pixels reach from 0 to 17"),
    "pixel -1": (lambda rows: ["-1" + rows[0][1:], *rows[1:]], "its pixels reach from -1 to 16"),
    "label 10": (lambda rows: [rows[0][:-1] + "10", *rows[1:]], "its labels reach from 0 to 10"),
    "fraction": (lambda rows: ["0.5" + rows[0][1:], *rows[1:]], ""),
    "huge": (lambda rows: ["9" * 30 + rows[0][1:], *rows[1:]], ""),
    "letter": (lambda rows: ["\u00e9" + rows[0][1:], *rows[1:]], ""),
}


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_wrong_table(elsewhere, lines, case):
    change, detail = WRONG_TABLES[case]
    text = "\n".join(change(lines)) + "\n"
    path = elsewhere / "digits.csv.gz"
    path.write_bytes(gzip.compress(text.encode("utf-8")))
    message = f"{path} is damaged, copy it again: {detail}"
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        load_module(elsewhere).load_digits()


def test_nothing_but_numpy_is_imported(tmp_path):
    code = """
import sys
import numpy, numpy.random
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import digits
digits.split(*digits.load_digits())
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
print(*sorted({"sklearn", "torch", "scipy", "pandas"} & set(sys.modules)))
"""
    run = subprocess.run(
        [sys.executable, "-B", "-c", code, str(DATA)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    new, forbidden = run.stdout.split("\n")[:2]
    assert forbidden == ""
    assert "digits" in new.split()
    assert set(new.split()) <= {"digits", "numpy"} | sys.stdlib_module_names
