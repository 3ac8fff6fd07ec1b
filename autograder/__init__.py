"""The autograder of the course; `python -m autograder --help` lists its commands.

Rooms, and what may know what (arrows point one way):

    mistakes  -> reference              every wrong, and every right but unusual, implementation
    checks    -> reference, mistakes    the questions: inputs, comparison, tolerance, hints
    release   -> checks                 solutions/*.py become exercises/
    judge     -> checks                 the trusted side: fresh inputs, decisions
    kernels                             what submissions run in
    grading   -> judge, kernels, release   nbgrader: preprocessors, one file, a class
    report    -> grading                what instructors and students read: class report, feedback
    transfer  -> grading, report        rosters and submissions in, marks out; a student forgotten
    prove     -> checks, release        every mistake, variant and mutant against every check
    cli, commands  -> all of them

`reference` imports nothing of ours. What a student gets imports nothing from here.
"""

import os

# Kernels are interpreted wherever they are graded. Read when triton is imported, by torch perhaps.
os.environ.setdefault("TRITON_INTERPRET", "1")
