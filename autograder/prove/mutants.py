"""Put mutants to all checks of an exercise, and tell the wrong that were noticed from the rest.

1. Workers are forked from this process, with a cap on their memory.
2. Each takes its share of the mutants, one at a time, each within a time limit.
3. One that hangs or dies is replaced, and its mutant counts as noticed: it gave no answer.
4. Each source goes through the same unchanged, and must pass; else nothing here means anything.
5. What is known of a mutant from an earlier run, with all that it depends on unchanged, is kept.
"""

import ast
import contextlib
import linecache
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.checks import Exercise
from autograder.mistakes import mistakes_of
from autograder.prove.equivalent import entries
from autograder.prove.kept import Kept
from autograder.prove.mutate import Mutant

NAMES_SHOWN = 40  # of the mistakes' names that mutants were given, for someone to read
PATIENCE = 20.0  # seconds beyond its limit before a worker is taken to hang; machines are shared
MEMORY = 2 * 1024**3  # bytes that a mutant may take beyond what the process has


class TimeUp(BaseException):
    """A mutant has used up its time. No `Exception`, which `ask` would take for its answer."""


@dataclass(frozen=True)
class Trial:
    """What became of one mutant.

    Args:
        mutant: the mutant.
        failed: for each seed ids of checks that it failed: all on the first seed, one on others.
        named: check id to the mistake whose name it was given, on the first seed.
        ended: None, or why there is no answer: "time", "died", or the error that the checks
            themselves raised, which is a fault of theirs.
    """

    mutant: Mutant
    failed: list[list[str]] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    ended: str | None = None

    @property
    def killed(self) -> bool:
        """Whether it failed a check on every seed."""
        return self.ended is not None or all(self.failed)

    @property
    def survived(self) -> int:
        """The number of seeds on which it passed everything."""
        return 0 if self.ended else sum(not failed for failed in self.failed)


def try_mutants(
    exercise: Exercise,
    mutants: list[Mutant],
    seeds: int = 2,
    limit: float = 2.0,
    jobs: int = 1,
    progress: Callable[[str], None] = lambda text: None,
    kept: Kept | None = None,
) -> list[Trial]:
    """Put each mutant to all checks.

    Args:
        exercise: whose checks.
        mutants: what to try.
        seeds: how many sets of inputs, an int >= 1.
        limit: seconds of computing for one mutant, over ten times what the reference needs.
        jobs: how many workers at a time.
        progress: called with a short text now and then.
        kept: what became of mutants in an earlier run, and gets what becomes of the others now.

    Returns:
        One `Trial` for each mutant, in order.

    Raises:
        RuntimeError: a source does not pass as it stands.
    """
    controls = {id(m.source): Mutant(m.source, "none", m.source.text, "", "") for m in mutants}
    mutants = [*controls.values(), *mutants]
    keys = [exercise.key(seed) for seed in range(seeds)]
    start = time.process_time()
    for key in keys:
        exercise.decide(exercise.answers(exercise.reference, key), key)
    limit += 10 * (time.process_time() - start)
    trials: dict[int, Trial] = {}
    for number in range(len(controls), len(mutants)) if kept else ():
        if became := kept.get(mutants[number]):
            trials[number] = Trial(mutants[number], *became)
    left = [number for number in range(len(mutants)) if number not in trials]
    queues = [left[i::jobs] for i in range(jobs)]
    workers = {}

    def begin(queue):
        worker = Worker(exercise, mutants, keys, queue, limit)
        workers[worker.pipe] = worker

    try:
        for queue in filter(None, queues):
            begin(queue)
        while workers:
            multiprocessing.connection.wait(list(workers), timeout=0.2)
            for pipe, worker in list(workers.items()):
                waiting = worker.queue
                reason = worker.receive(trials)
                for number in waiting[: len(waiting) - len(worker.queue)] if kept else ():
                    trial = trials[number]
                    kept.add(trial.mutant, [trial.failed, trial.named, trial.ended])
                if worker.queue and not reason:
                    continue
                workers.pop(pipe).end()
                if worker.queue:
                    trials[worker.queue[0]] = Trial(mutants[worker.queue[0]], ended=reason)
                if worker.queue[1:]:
                    begin(worker.queue[1:])
            progress(f"{exercise.name}: {len(trials)} of {len(mutants)} mutants")
    finally:
        for worker in workers.values():
            worker.end()
    for number in range(len(controls)):
        if trials[number].survived < seeds:
            source = mutants[number].source
            raise RuntimeError(f"{source.origin} of {source.name} fails: {trials[number]}")
    return [trials[number] for number in range(len(controls), len(mutants))]


class Worker:
    """A forked process that works through its share of the mutants.

    Args:
        exercise, mutants, keys: what to try, and on what.
        queue: the places in `mutants` that are its share.
        limit: seconds of computing for one mutant.
    """

    def __init__(self, exercise, mutants, keys, queue, limit):
        self.mutants, self.queue, self.limit = mutants, queue, limit
        self.since = time.monotonic()
        fork = multiprocessing.get_context("fork")  # functions and checks need no pickling
        self.pipe, pipe = fork.Pipe(duplex=False)
        arguments = (exercise, [mutants[number] for number in queue], keys, limit, pipe)
        self.process = fork.Process(target=work, args=arguments, daemon=True)
        with warnings.catch_warnings():  # of BLAS threads, of which the fork has none
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        pipe.close()

    def receive(self, trials):
        """Take the results that have come; return why the next will not: "died", "time" or None.

        Args:
            trials: place in `mutants` to `Trial`; gets the results.
        """
        alive = self.process.is_alive()  # asked first: a process that ends has sent its results
        with contextlib.suppress(EOFError, OSError):
            while self.queue and self.pipe.poll():
                number = self.queue[0]
                trials[number] = Trial(self.mutants[number], *self.pipe.recv())
                self.queue, self.since = self.queue[1:], time.monotonic()
        if not alive:
            return "died"
        waited = time.monotonic() - self.since
        return "time" if waited > 2 * self.limit + PATIENCE else None  # its own timer did not help

    def end(self):
        """End the process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def work(exercise, mutants, keys, limit, pipe):
    """Try mutants, one after the other; runs in a worker."""
    cap_memory()
    signal.signal(signal.SIGPROF, time_up)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # the threads of its pool are not forked
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
        for mutant in mutants:
            pipe.send(attempt(exercise, mutant, keys, limit))
    pipe.close()


def attempt(exercise: Exercise, mutant: Mutant, keys: list[dict], limit: float) -> tuple:
    """Put one mutant to all checks within a time limit; return what `Trial` takes after it."""
    failed, named, ended = [], {}, None
    try:
        # Again and again, since code may catch the first.
        signal.setitimer(signal.ITIMER_PROF, limit, 0.1)
        names = exercise.reference | define(mutant)
        verdicts = exercise.decide(exercise.answers(names, keys[0]), keys[0])
        failed.append([verdict["id"] for verdict in verdicts if not verdict["passed"]])
        named = {v["id"]: v["diagnosis"] for v in verdicts if v["diagnosis"]}
        for key in keys[1:]:
            failed.append(find_failed(exercise, names, key, failed[0]))
        signal.setitimer(signal.ITIMER_PROF, 0)
    except TimeUp:
        signal.setitimer(signal.ITIMER_PROF, 0)
        ended = "time"
    except Exception as error:  # `ask` keeps the mutant's own
        signal.setitimer(signal.ITIMER_PROF, 0)
        ended = f"{type(error).__name__}: {error}"
    return failed, named, ended


def find_failed(exercise: Exercise, names: dict, key: dict, likely: list[str]) -> list[str]:
    """Mark check by check until one fails: a mutant needs no more to be noticed.

    Args:
        exercise, names, key: see `Exercise.answers`.
        likely: ids of the checks to begin with.

    Returns:
        A list of the id of the check that failed, or an empty one.
    """
    answers = {}
    for check in sorted(exercise.checks, key=lambda check: check.id not in likely):
        probe = check.probe.name
        if probe not in answers:
            answers |= exercise.answers(names, {probe: key[probe]})
        if not check.decide(answers, key, exercise.hints)["passed"]:
            return [check.id]
    return []


def define(mutant: Mutant) -> dict:
    """Run a mutant's source in its module's names; return the names that it defines.

    Where that raises, each is left to stand for something that raises when called.
    """
    path = f"<mutant {abs(hash(mutant.text))}>"
    names = [node.name for node in ast.parse(mutant.text).body if hasattr(node, "name")]
    lines = mutant.text.splitlines(keepends=True)
    linecache.cache[path] = (
        len(mutant.text),
        None,
        lines,
        path,
    )  # torch reads some functions' source
    namespace = dict(mutant.source.namespace)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(mutant.text, path, "exec", dont_inherit=True), namespace)
        return {name: namespace[name] for name in names}
    except Exception as error:
        message = f"{type(error).__name__}: {error}"

        def broken(*args, **kwargs):
            raise RuntimeError(message)

        return dict.fromkeys(names, broken)


def time_up(number, frame):
    """Handle the alarm."""
    raise TimeUp


def cap_memory():
    """Let this process take `MEMORY` more than it has; a larger array raises `MemoryError`."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        return  # no such file outside Linux, and no cap there
    used = int(pages.read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    room = used + MEMORY if hard == resource.RLIM_INFINITY else min(used + MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (room, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def review(exercise: Exercise, trials: list[Trial], seeds: int, complete: bool) -> dict[str, Any]:
    """Sum up the trials: what was noticed, what survived, and which survivors are right.

    Args:
        exercise: whose checks were tried.
        trials: from `try_mutants`.
        seeds: how many sets of inputs each was put to.
        complete: whether these are all mutants, so that an entry of the table without one is stale.

    Returns:
        A dict of plain values: "made", "killed", "named" (killed, and given a mistake's name),
        "exact" (those that fail just what the mistake fails whose name they were given), "kinds"
        (made and killed, for each kind of change), "ended" (those that gave no answer, by reason),
        "equivalent" (reason to count), "holes", "failures", and "names", some names given.
    """
    table = entries(exercise.name)
    found = {entry: 0 for entry in table}
    holes, failures = [], []
    for trial in (trial for trial in trials if not trial.killed):
        known = [entry for entry in table if entry.matches(exercise.name, trial.mutant)]
        if known and trial.survived == seeds:
            found[known[0]] += 1
        else:
            holes.append(as_data(trial) | {"survived": trial.survived, "seeds": seeds})
            failures.append(f"survives {trial.survived} of {seeds} times: {in_words(trial.mutant)}")
    for entry in table:
        if complete and not found[entry]:
            failures.append(f"stale entry: {entry.before} -> {entry.after}")
        wrong = [trial for trial in trials if trial.failed and not trial.survived]
        for trial in [t for t in wrong if entry.matches(exercise.name, t.mutant)][:1]:
            failures.append(f"an entry calls right what was noticed: {in_words(trial.mutant)}")
    for trial in trials:
        if trial.ended not in (None, "time", "died"):
            failures.append(f"the checks raise {trial.ended} for {in_words(trial.mutant)}")
    reasons = Counter()
    for entry, count in found.items():
        reasons[entry.reason] += count
    named = [trial for trial in trials if trial.killed and trial.named]
    sample = random.Random(0).sample(named, min(NAMES_SHOWN, len(named)))
    kinds = Counter(trial.mutant.kind for trial in trials)
    killed = Counter(trial.mutant.kind for trial in trials if trial.killed)
    return {
        "made": len(trials),
        "killed": sum(trial.killed for trial in trials),
        "named": len(named),
        "exact": sum(trial.failed[0] in fails_of_names(trial, exercise) for trial in named),
        "seeds": seeds,
        "complete": complete,
        "kinds": {kind: {"made": kinds[kind], "killed": killed[kind]} for kind in sorted(kinds)},
        "ended": dict(Counter(trial.ended for trial in trials if trial.ended)),
        "equivalent": {reason: count for reason, count in reasons.items() if count},
        "holes": holes,
        "names": [as_data(trial) | {"named": trial.named} for trial in sample],
        "failures": failures,
    }


def fails_of_names(trial: Trial, exercise: Exercise) -> list[list[str]]:
    """Return what the mistakes fail whose names a mutant was given, in the order of the checks."""
    fails = {mistake.id: mistake.fails for mistake in mistakes_of(exercise.name)}
    ids = [check.id for check in exercise.checks]
    return [sorted(fails[name], key=ids.index) for name in set(trial.named.values())]


def as_data(trial: Trial) -> dict[str, str]:
    """Return what a trial's mutant is, as plain values."""
    mutant = trial.mutant
    return {
        "of": mutant.source.name,
        "origin": mutant.source.origin,
        "kind": mutant.kind,
        "before": mutant.before,
        "after": mutant.after,
    }


def in_words(mutant: Mutant) -> str:
    """Return a mutant as a difference, in a few lines."""
    lines = [f"{mutant.kind} in {mutant.source.name} of {mutant.source.origin}"]
    lines += [f"    - {line}" for line in mutant.before.splitlines()]
    lines += [f"    + {line}" for line in mutant.after.splitlines()]
    return "\n".join(lines)
