"""What crosses between a question and the student's code: recorded beside it, replayed outside.

A question calls, compares and subtracts. Were that done in the student's process alone, code there
could make its outcome up. So the recording holds only what the student's code gave: results, errors
and what it did to its arguments. The judge asks the same question again with a `Replay` in the
student's place, and what it finds out is found out here.

This file is copied into the student's kernel, so it needs NumPy and the standard library only.
"""

import builtins

import numpy as np

from autograder.checks.asking import LARGEST, Student, ask

DEEPEST = 6  # lists within lists that are taken apart
PLAIN = (type(None), bool, int, float, str)


def record(question, names, inputs):
    """Put one case to the student's code; return what that gave, as plain data.

    Args:
        question, names, inputs: see `asking.ask`.
    """
    recording = Recording(names)
    ask(question, recording, inputs)
    return recording.events


def replay(question, events, inputs):
    """Return the answers to one case, given what the student's code gave.

    Args:
        question, inputs: see `asking.ask`.
        events: what `record` returned for the same, or what somebody made up.

    Raises:
        Astray: nothing that this question does leads to these events.
    """
    return ask(question, Replay(events), inputs)


class Astray(BaseException):
    """The recording is not one of this question. No `Exception`, which a question might catch."""


class Crossing:
    """What both sides do alike: number arrays, lists, dicts and objects as they first appear."""

    def __init__(self):
        self._things = []  # what the student's code was given or gave, and may change
        self._numbers = {}  # id of a thing to its number
        self._remotes = []

    def __getitem__(self, name):
        """Return what the student has defined under a name; see `asking.Student`."""
        return self.cross(None, "name", (name,), {})

    def _meet(self, thing, depth=0):
        """Number everything that the student's code is given."""
        if depth > DEEPEST or id(thing) in self._numbers or isinstance(thing, Remote | Student):
            return
        inner = ()
        if isinstance(thing, np.ndarray):
            self._add(thing)
        elif isinstance(thing, dict):
            self._add(thing)
            inner = thing.values()
        elif isinstance(thing, list):
            self._add(thing)
            inner = thing
        elif isinstance(thing, tuple):
            inner = thing
        elif hasattr(thing, "__dict__") and not callable(thing):
            self._add(thing)
            inner = vars(thing).values()
        for each in list(inner):
            self._meet(each, depth + 1)

    def _add(self, thing):
        self._numbers[id(thing)] = len(self._things)
        self._things.append(thing)

    def _remote(self, kind):
        self._remotes.append(type(kind, (Remote,), {})(self, len(self._remotes)))
        return self._remotes[-1]


class Remote:
    """A function or an object of the student's, in the hands of a question."""

    def __init__(self, side, number):
        vars(self).update(_side=side, _number=number)

    def __call__(self, *args, **kwargs):
        """Call it."""
        return self._side.cross(self._number, "call", args, kwargs)

    def __getattr__(self, name):
        """Return one of its attributes."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self._side.cross(self._number, "get", (name,), {})

    def __setattr__(self, name, value):
        """Set one of its attributes."""
        self._side.cross(self._number, "set", (name, value), {})

    def __getitem__(self, key):
        """Return one of its items."""
        return self._side.cross(self._number, "item", (key,), {})


class Recording(Crossing):
    """The student's names, beside the student's code; `events` fills with what it gives.

    Args:
        names: dict of what the student defined.
    """

    def __init__(self, names):
        super().__init__()
        self.events = []
        self._names, self._own = names, []  # `_own`: what a remote stands for, by its number
        self._originals = {}  # id of what stands in for something of the student's to that, and it
        self._busy = False

    def cross(self, number, act, args, kwargs):
        """Do what a question asks for, write down what comes of it, and return it."""
        if self._busy:  # the student's code has called the question's, which calls the student's
            return self._do(number, act, self._back(args), self._back(kwargs))
        self._meet((args, kwargs))
        before = [snapshot(thing) for thing in self._things]
        event = {"of": number, "act": act}
        self.events.append(event)
        self._busy = True
        try:
            value = self._do(number, act, self._back(args), self._back(kwargs))
        except Exception as error:
            event["changed"] = self._changes(before)
            event["raised"] = [
                type(error).__name__,
                [b.__name__ for b in bases(error)],
                said(error),
            ]
            raise raised(*event["raised"]) from None
        finally:
            self._busy = False
        event["changed"] = self._changes(before)
        event["gave"], value = self._encode(value)
        return value

    def _do(self, number, act, args, kwargs):
        if act == "name":
            return self._names[args[0]]
        thing = self._own[number]
        if act == "call":
            return thing(*args, **kwargs)
        if act == "get":
            return getattr(thing, *args)
        if act == "set":
            return setattr(thing, *args)
        return thing[args[0]]

    def _back(self, thing, depth=0):
        """Return a thing with what stands in for the student's own replaced by that."""
        if isinstance(thing, Remote):
            return self._own[vars(thing)["_number"]]
        if id(thing) in self._originals:
            return self._originals[id(thing)][0]
        if depth <= DEEPEST and type(thing) in (tuple, list):
            back = [self._back(each, depth + 1) for each in thing]
            same = all(a is b for a, b in zip(back, thing, strict=True))
            return thing if same else type(thing)(back)
        if depth <= DEEPEST and type(thing) is dict:
            back = {name: self._back(each, depth + 1) for name, each in thing.items()}
            return thing if all(back[name] is thing[name] for name in thing) else back
        return thing

    def _changes(self, before):
        """Return what has become of the things known so far, where that is something else."""
        changed = []
        for number, (thing, was) in enumerate(zip(list(self._things), before, strict=True)):
            if snapshot(thing) == was:
                continue
            if isinstance(thing, np.ndarray):
                changed.append([number, np.array(thing)])
            else:
                inner = vars(thing) if hasattr(thing, "__dict__") else thing
                changed.append([number, self._encode_inner(inner)])
        return changed

    def _encode_inner(self, inner):
        if isinstance(inner, dict):
            return [[str(key), self._encode(value)[0]] for key, value in list(inner.items())]
        return [self._encode(value)[0] for value in inner]

    def _encode(self, value, depth=0):
        """Return a value as plain data, and as the question gets to see it."""
        kind = type(value)
        if kind is str and len(value) > 1000:
            value = value[:1000]
        if kind in PLAIN and not (kind is int and abs(value) >= 2**63):
            return ["plain", value], value
        if id(value) in self._numbers and self._things[self._numbers[id(value)]] is value:
            return ["known", self._numbers[id(value)]], value
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return ["scalar", np.array(value)], value
        if hasattr(kind, "__array__") and not isinstance(value, np.generic):
            return self._encode_array(value)
        if depth < DEEPEST and isinstance(value, (tuple, list)):
            pairs = [self._encode(each, depth + 1) for each in value]
            base = tuple if isinstance(value, tuple) else list
            return [base.__name__, [node for node, _ in pairs]], self._stand_in(
                base(shown for _, shown in pairs), value
            )
        if depth < DEEPEST and isinstance(value, dict) and all(type(key) is str for key in value):
            pairs = {key: self._encode(each, depth + 1) for key, each in value.items()}
            return ["dict", [[key, node] for key, (node, _) in pairs.items()]], self._stand_in(
                {key: shown for key, (_, shown) in pairs.items()}, value
            )
        self._own.append(value)
        return ["object", kind.__name__[:100]], self._remote(kind.__name__)

    def _encode_array(self, value):
        plain = value
        if type(value) is not np.ndarray:
            try:
                plain = np.array(value, subok=False)
            except Exception:
                plain = np.array(None)
        if plain.dtype.kind not in "biuf" or plain.size > LARGEST:
            self._own.append(value)
            return ["object", type(value).__name__[:100]], self._remote(type(value).__name__)
        self._add(plain)
        return ["array", np.array(plain)], self._stand_in(plain, value)

    def _stand_in(self, shown, value):
        if shown is not value:
            self._originals[id(shown)] = value, shown  # both are kept, so that no id comes again
        return shown


class Replay(Crossing):
    """The student's names, outside: each gives what the recording says that it gave.

    Args:
        events: those of a `Recording` of the same question, from wherever; nothing in them is
            believed but that this is what the student's code gives.
    """

    def __init__(self, events):
        super().__init__()
        self._events = iter(events)
        self._left = LARGEST

    def cross(self, number, act, args, kwargs):
        """Return what the student's code gave at this place of the recording.

        Raises:
            Astray: the recording has no such place.
        """
        self._meet((args, kwargs))
        event = next(self._events, None)
        try:
            if event["of"] != number or event["act"] != act:
                raise Astray
            for known, state in event["changed"]:
                self._change(self._things[known], state)
            if "raised" in event:
                error = raised(*event["raised"])
            else:
                error, value = None, self._decode(event["gave"])
        except Exception:
            raise Astray from None
        if error is not None:
            raise error
        return value

    def _change(self, thing, state):
        if isinstance(thing, np.ndarray):
            if thing.dtype != state.dtype:
                raise Astray
            if thing.shape != state.shape:
                thing.shape = state.shape
            thing[...] = state
        elif isinstance(thing, list):
            thing[:] = [self._decode(node) for node in state]
        else:
            inner = thing if isinstance(thing, dict) else vars(thing)
            names = {str(key): key for key in inner}  # a key need not be a text
            new = {names.get(key, key): self._decode(node) for key, node in state}
            inner.clear()
            inner.update(new)

    def _decode(self, node, depth=0):
        kind, payload = node
        if depth > DEEPEST:
            raise Astray
        if kind == "plain" and type(payload) in PLAIN:
            return payload
        if kind == "known":
            return self._things[payload]
        if kind in ("scalar", "array"):
            self._left -= payload.size
            if not isinstance(payload, np.ndarray) or self._left < 0:
                raise Astray
            if kind == "scalar":
                return payload[()]
            self._add(payload)
            return payload
        if kind in ("tuple", "list"):
            inner = [self._decode(each, depth + 1) for each in payload]
            return tuple(inner) if kind == "tuple" else inner
        if kind == "dict":
            return {str(key): self._decode(each, depth + 1) for key, each in payload}
        if kind == "object":
            return self._remote(str(payload)[:100])
        raise Astray


def snapshot(thing):
    """Return something that differs once a thing was changed in place."""
    if isinstance(thing, np.ndarray):
        return thing.shape, thing.tobytes()
    inner = vars(thing) if hasattr(thing, "__dict__") else thing
    each = inner.values() if isinstance(inner, dict) else inner
    names = [str(key) for key in inner] if isinstance(inner, dict) else []
    return names, [(type(value), value) if type(value) in PLAIN else id(value) for value in each]


def bases(error):
    """Return the builtin classes that an exception is one of, as few as say so."""
    known = [kind for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    known = [kind for kind in known if issubclass(kind, Exception)]
    return [
        kind
        for number, kind in enumerate(known)
        if not any(issubclass(other, kind) for other in known[:number])
    ]


def said(error):
    """Return what an exception says, cut short; its own code may have other plans."""
    try:
        return str(error)[:300]
    except Exception:
        return ""


def raised(name, parents, text):
    """Return an exception like the student's, made of nothing of the student's.

    Args:
        name: of its class.
        parents: names of the builtin classes that it is one of.
        text: what it says.
    """
    kinds = [getattr(builtins, parent) for parent in parents]
    if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
        raise Astray
    if not isinstance(text, str) or not isinstance(name, str) or len(name) > 100:
        raise Astray
    own = {"__init__": lambda self, text: None, "__str__": lambda self: text}
    try:
        return type(name, tuple(kinds), own)(text)
    except TypeError:  # their layouts do not go together
        return type(name, (Exception,), own)(text)
