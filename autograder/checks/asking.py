"""The asking half of a check: call the student's code on given inputs, write down what came back.

This file is copied into each exercise's check file and into the student's kernel, so it needs NumPy
and the standard library only, and knows neither a solution nor a right answer.
"""

import base64
import copy
import json
import warnings

import numpy as np

LARGEST = 1_000_000  # elements of an answer; whatever is larger is no answer to a small case


class NotDefined(Exception):
    """The student's notebook does not define a name that a question asks for."""


class WrongReturn(Exception):
    """The student's function returned something of another form than its exercise asks for."""


class Student:
    """The names that the student has defined, as attributes."""

    def __init__(self, names):
        self._names = names

    def __getattr__(self, name):
        try:
            return self._names[name]
        except KeyError:
            raise NotDefined(name) from None


def parts(value, *names):
    """Split what a function returned into the parts that its exercise names.

    Args:
        value: what the student's function returned.
        *names: the names of the parts, in order.

    Returns:
        The parts, as a tuple as long as `names`.

    Raises:
        WrongReturn: `value` has not that many parts; the message names what is expected.
    """
    wanted = ", ".join(names)
    if isinstance(value, (tuple, list)) and len(value) == len(names):
        return tuple(value)
    if isinstance(value, (tuple, list)):
        raise WrongReturn(f"returned {len(value)} values where {wanted} are asked for")
    raise WrongReturn(f"returned {type(value).__name__} where {wanted} are asked for")


def largest(difference):
    """Return the largest magnitude in an array, a float; infinity where a NaN is."""
    difference = np.abs(np.asarray(difference, dtype=np.float64))
    return float(np.max(np.where(np.isnan(difference), np.inf, difference), initial=0.0))


def effect(change):
    """Say in words what a large offset did to something that it should leave alone.

    Args:
        change: the difference that it made, an array of values of the order of 1 otherwise.

    Returns:
        "none", "digits lost" (what rounding at 1e8 can explain), "grows with the offset" or
        "no number".
    """
    change = np.asarray(change, dtype=np.float64)
    if not np.isfinite(change).all():
        return "no number"
    size = largest(change)
    return "none" if size < 1e-5 else "digits lost" if size < 1e4 else "grows with the offset"


def plain(value):
    """Return `value` as a plain array, a bool or a str, whatever class the student made it.

    Args:
        value: anything.

    Returns:
        A bool, a str, a numeric array, or {"type": name} for what is none of these.
    """
    if isinstance(value, (bool, str)):
        return value
    try:
        array = np.array(value, subok=False)
    except Exception:
        return {"type": type(value).__name__}
    if array.dtype.kind not in "biuf" or array.size > LARGEST:
        return {"type": type(value).__name__}
    return array


def ask(question, names, inputs):
    """Put one case to the student's code.

    Args:
        question: function of a `Student` and the inputs; returns a dict of answers.
        names: dict of what the student defined.
        inputs: dict of arrays and numbers; the student's code gets copies.

    Returns:
        A dict of plain answers; or one with a single entry, "undefined" (the missing name), "blank"
        (not written yet), "raised" (the error) or "silent" (what the function did instead), where
        there is no answer.
    """
    copies = copy.deepcopy(inputs)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader takes anything on stderr for a failure
            answers = question(Student(names), **copies)
        return {name: plain(value) for name, value in answers.items()}
    except NotDefined as error:
        return {"undefined": str(error)}
    except WrongReturn as error:
        return {"silent": str(error)}
    except NotImplementedError:
        return {"blank": True}
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"[:300]}


def pack(thing):
    """Write nested dicts and lists of arrays and plain values as JSON text, bit for bit.

    Args:
        thing: dicts, lists, arrays, numbers, bools, strings.

    Returns:
        A str that `unpack` reads back.
    """

    def default(array):
        array = np.asarray(array)
        array = array.astype(array.dtype.newbyteorder("<"))
        data = base64.b64encode(array.tobytes()).decode()
        return {"dtype": array.dtype.str, "shape": list(array.shape), "data": data}

    return json.dumps(thing, default=default)


def unpack(text):
    """Read what `pack` wrote; nothing in it can run.

    Args:
        text: a str.

    Returns:
        What was packed.

    Raises:
        ValueError: `text` was not written by `pack`.
    """

    def hook(entry):
        if entry.keys() != {"dtype", "shape", "data"}:
            return entry
        dtype = np.dtype(entry["dtype"])
        if dtype.kind not in "biuf":
            raise ValueError(f"dtype {dtype} in an answer")
        data = np.frombuffer(base64.b64decode(entry["data"]), dtype=dtype)
        return data.reshape(entry["shape"]).astype(dtype.newbyteorder("="))

    return json.loads(text, object_hook=hook)
