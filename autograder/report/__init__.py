"""What an instructor and a student read after grading.

`class_table` is the text that `grade` prints; `class_report` with `as_html` and `as_csv` is what
`report` writes; `feedback` is what nbgrader's `generate_feedback` writes for each student.
"""

from autograder.report.page import as_csv, as_html, class_report
from autograder.report.table import class_table

__all__ = ["as_csv", "as_html", "class_report", "class_table"]
