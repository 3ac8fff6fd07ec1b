"""Runs the tagged cells of a page, in one namespace as a notebook does.

In a reader's browser `worker.js` calls it; the tests call it anywhere. It says what a notebook
says: what the cell prints, the value of its last expression, or where in the cells an error is.
"""

import ast
import contextlib
import io
import linecache
import re
import sys
import tokenize
import traceback
from collections.abc import Callable


class Stream(io.TextIOBase):
    """A place to print to.

    Args:
        send: takes each piece of text.
    """

    def __init__(self, send: Callable[[str], None]):
        self._send = send

    def write(self, text):
        self._send(text)
        return len(text)

    def writable(self):
        return True


class Page:
    """The names of a page, and the cells that make them."""

    def __init__(self):
        self.names = {"__name__": "__main__"}

    def run(self, number: int, source: str, send: Callable[[str, str], None]) -> bool:
        """Run a cell.

        Args:
            number: of the cell in its page, as the reader counts.
            source: its code.
            send: takes a kind ("out", "err", "value" or "error") and a piece of text.

        Returns:
            Whether it ended without an error.
        """
        name = f"cell {number}"
        # Where tracebacks and warnings find the lines of a cell, which is no file.
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
        self.names.pop("__warningregistry__", None)  # else a second run would not warn again
        out = Stream(lambda text: send("out", text))
        err = Stream(lambda text: send("err", text))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                value = self._value(source, name)
                if value is not None:
                    send("value", f"{value!r}\n")
            except BaseException as error:  # a cell may raise what it likes, SystemExit too
                send("error", explained(error))
                return False
        return True

    def _value(self, source, name):
        """Run the statements; return the value of the last, unless a semicolon ends it."""
        tree = ast.parse(source, name)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, name, "exec"), self.names)
        if last is None:
            return None
        value = eval(compile(last, name, "eval"), self.names)
        return None if ends_with_semicolon(source) else value


def ends_with_semicolon(source: str) -> bool:
    """Say whether the last sign of some code, comments aside, is a semicolon."""
    words = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type != tokenize.COMMENT and token.string.strip()
    ]
    return words[-1:] == [";"]


def explained(error: BaseException) -> str:
    """Return a traceback with the reader's own lines and nothing of what runs them.

    Args:
        error: what a cell raised.
    """
    whole = traceback.TracebackException.from_exception(error, compact=True)
    waiting, seen = [whole], set()
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        own = [frame for frame in part.stack if frame.filename.startswith("cell ")]
        part.stack = traceback.StackSummary.from_list(own)
        waiting += [part.__cause__, part.__context__]
    text = "".join(whole.format())
    if not whole.stack:  # an error in the syntax: it has a place, but nothing was called
        text = text.replace("Traceback (most recent call last):\n", "", 1)
    if isinstance(error, ModuleNotFoundError):
        text += "The page has NumPy and Python's standard library, and nothing else.\n"
    return re.sub(r'File "cell (\d+)", line', r"Cell \1, line", text)


if sys.platform == "emscripten":
    page = Page()
