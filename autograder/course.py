"""The course as nbgrader sees it: which folder is which, and which preprocessors run.

`nbgrader_config.py` beside this file hands it to nbgrader's own commands; `release` and `grading`
use it from code, so both grade alike.
"""

import os
import sys
import warnings
from pathlib import Path

from nbformat.warnings import MissingIDFieldWarning
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from autograder.paths import EXERCISES, SOURCE, course_dir

IGNORED = [".ipynb_checkpoints", "__pycache__", "*.pyc", ".DS_Store"]  # never graded
OWN = "nbgrader_config.py"  # an instructor's own settings, in the course's folder: penalties, say


def nbgrader_config(
    course: Path | None = None, release: Path = EXERCISES, sandbox: bool = True
) -> Config:
    """Return the configuration of the course.

    Args:
        course: folder of the instructor's state; $COURSE_DIR or course/ where it is None. It is
            made if it is not there.
        release: folder that the released exercises are written to.
        sandbox: False runs the code of submissions with no protection at all.

    Returns:
        A traitlets `Config`.
    """
    course = course_dir(course)
    course.mkdir(parents=True, exist_ok=True)
    # nbgrader starts alembic by its bare name when it makes a gradebook.
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")
    # Noise of nbgrader 0.9.6 with this SQLAlchemy and nbformat, on every submission.
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    warnings.filterwarnings("ignore", category=MissingIDFieldWarning)
    config = kernel_config()
    if not sandbox:
        config.JudgedExecute.sandbox = False
    config.CourseDirectory.root = str(course)
    # Relative to the root: nbgrader reads a path again with a pattern that starts with the root.
    config.CourseDirectory.source_directory = os.path.relpath(SOURCE, course)
    config.CourseDirectory.release_directory = os.path.relpath(release.resolve(), course)
    config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
    config.CourseDirectory.ignore = IGNORED
    config.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
    config.Autograde.exporter_class = "autograder.grading.intake.NotebookOrReason"
    config.Autograde.pre_convert_hook = "autograder.grading.intake.before_autograde"
    config.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "autograder.grading.cells.RestoreCells",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # The judge takes the place of stock execution: it asks each graded question with fresh inputs.
    config.Autograde.autograde_preprocessors = [
        "autograder.grading.execute.JudgedExecute",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "autograder.grading.record.KeepRecord",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # Formgrader renders what a student wrote; `sanitize_html` is for what its template leaves.
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {"markdown2html": "autograder.report.harmless.markdown"}
    config.GenerateFeedback.exporter_class = "autograder.report.feedback.FeedbackPage"
    if (course / OWN).is_file():
        config.merge(PyFileConfigLoader(OWN, path=str(course)).load_config())
    return config


def kernel_config() -> Config:
    """Return the part of the configuration that speaks of the kernels submissions run in."""
    config = Config()
    # A kernel's own warnings are not the student's: nbgrader takes stderr for a failure.
    config.Execute.extra_arguments = [
        "--HistoryManager.hist_file=:memory:",
        "--IPKernelApp.log_level=ERROR",
    ]
    return config
