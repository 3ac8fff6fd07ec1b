"""Load the 1,797 handwritten digits that lie beside this file, with NumPy alone.

1. `load_digits` reads digits.csv.gz, checks its shape and its values, and scales pixels to [0, 1].
2. `split` divides the images into a training and a test part, the same on every call.

Origin and licence of the images: README.md in this folder.
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

PATH = Path(__file__).resolve().parent / "digits.csv.gz"
IMAGES, PIXELS, INK, CLASSES = 1797, 64, 16, 10


def load_digits():
    """Read the digits: images of 8x8 pixels, flattened row by row, and the digit in each.

    Returns:
        images: (1797, 64) float64 in [0, 1]; 0 is paper, 1 is ink.
        labels: (1797,) int64, 0 to 9.

    Raises:
        FileNotFoundError: digits.csv.gz is not in the folder of this module.
        ValueError: the file is no gzip file, is cut short, or holds other numbers than it should.

    Source: Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI,
    https://doi.org/10.24432/C50P49 (the test part, licensed CC BY 4.0).
    """
    try:
        with gzip.open(PATH, "rt", encoding="ascii") as file:
            rows = [[int(value) for value in line.split(",")] for line in file]
        table = np.array(rows, dtype=np.int64)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"no data at {PATH}: digits.csv.gz must lie in the same folder as digits.py"
        ) from error
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise ValueError(f"{PATH} is damaged, copy it again: {error}") from error
    if table.shape != (IMAGES, PIXELS + 1):
        raise ValueError(
            f"{PATH} is damaged, copy it again: "
            f"its shape is {table.shape}, expected {(IMAGES, PIXELS + 1)}"
        )
    pixels, labels = table[:, :PIXELS], table[:, PIXELS].copy()
    for name, values, top in (("pixels", pixels, INK), ("labels", labels, CLASSES - 1)):
        if values.min() < 0 or values.max() > top:
            raise ValueError(
                f"{PATH} is damaged, copy it again: "
                f"its {name} reach from {values.min()} to {values.max()}, expected 0 to {top}"
            )
    return pixels / INK, labels


def split(images, labels, train=1297):
    """Divide images and labels into a training and a test part, by one fixed shuffle.

    The last 500 rows of the file are harder to classify than 500 random ones: hence the shuffle.

    Args:
        images: (N, D) array of any dtype.
        labels: (N,) array of any dtype.
        train: number of rows of the training part, an int from 1 to N - 1.

    Returns:
        train_images (train, D), train_labels (train,), test_images (N - train, D) and
        test_labels (N - train,), each of the dtype it came in.

    Raises:
        ValueError: the lengths of images and labels differ, or train leaves a part empty.

    Source: this course; 1297 and 500 rows are the sizes in its experiments.
    """
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images but {len(labels)} labels")
    if not 0 < train < len(images):
        raise ValueError(f"train is {train}, expected 1 to {len(images) - 1}")
    rng = np.random.default_rng(0)
    order = rng.permutation(len(images))
    first, rest = order[:train], order[train:]
    return images[first], labels[first], images[rest], labels[rest]
