"""What nbgrader's `generate_feedback` writes for one student: a page that runs and fetches nothing.

Student code may have printed anything, HTML and scripts too. So the page is made from text alone,
which the template escapes, and from pictures that are pictures; nothing of a notebook is rendered.
"""

import json
import os
import re
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import Exporter
from traitlets import Unicode, default

from autograder.checks import EXERCISES, Exercise, exercise
from autograder.grading.execute import PICTURES, graded_id, picture
from autograder.grading.intake import RECORD
from autograder.mistakes import mistakes_of
from autograder.release.source import read_solution
from autograder.report.page import counted, environment, number, stylesheet

LONGEST = 10_000  # characters of one cell's output, or source
ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e"
    r"\u061c\u200e\u200f\u2066-\u2069]"
)
CHAPTER = re.compile(r"\*\*Chapter\*\*: (\d+), (.+?) \(`(book/\w+)\.md`", re.DOTALL)
SECTION = "what-goes-wrong"  # every chapter has one
NO_RESPONSE = "No response."  # nbgrader's comment on a cell that was left as it was


class FeedbackPage(HTMLExporter):
    """nbconvert's exporter to HTML, with a page of our own for the course's exercises."""

    book_url = Unicode(
        help="address of the course's website, to link to its chapters; '' names them only",
    ).tag(config=True)

    @default("book_url")
    def _book_url(self):
        return os.environ.get("BOOK_URL", "")

    def from_notebook_node(self, nb, resources=None, **kw):
        """Write a submission's feedback.

        Args:
            nb: the autograded notebook.
            resources: nbconvert's; "nbgrader" names assignment and student.
            **kw: nbconvert's.

        Returns:
            The page and the resources.
        """
        if resources["nbgrader"]["assignment"] not in EXERCISES:  # an instructor's own: stock
            return super().from_notebook_node(nb, resources, **kw)
        nb, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
        folder = Path(resources["metadata"]["path"])
        return feedback(nb, resources["nbgrader"], _record(folder), self.book_url), resources


def _record(folder):
    """Read what the judge wrote beside a notebook; without it there are nbgrader's points only."""
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"verdicts": [], "problem": ""}


def feedback(nb, grading: dict, record: dict, book_url: str = "") -> str:
    """Write the page.

    Args:
        nb: the autograded notebook, with nbgrader's scores and comments in its cells.
        grading: nbgrader's resources: "assignment", "score", "max_score", "late_penalty".
        record: the judge's; see `JudgedExecute`.
        book_url: address of the course's website; "" for none.

    Returns:
        HTML.
    """
    this = exercise(grading["assignment"])
    verdicts = {verdict["id"]: verdict for verdict in record["verdicts"]}
    titles = {mistake.id: mistake.title for mistake in mistakes_of(this.name)}
    asked, written = [], []
    for cell in nb.cells:
        check_id = graded_id(cell, this)
        if check_id is not None:
            asked.append(_question(cell, this.check(check_id), verdicts.get(check_id), titles))
        elif cell.cell_type == "code" and cell.source.strip() and not _is_given(cell):
            # From the first question on, a cell can print the inputs of those before it.
            written.append(_own(cell, [] if asked else cell.get("outputs", [])))
    comments = [
        text
        for cell in nb.cells
        if (text := (cell.metadata.get("nbgrader", {}).get("comment") or "").strip())
        and text != NO_RESPONSE
    ]
    return (
        environment()
        .get_template("feedback.html.j2")
        .render(
            css=stylesheet(),
            name=this.name,
            score=number(grading["score"]),
            possible=number(grading["max_score"]),
            penalty=number(grading["late_penalty"]),
            problem=clean(record["problem"]),
            asked=asked,
            right=sum(q["right"] for q in asked),
            count=counted(len(asked), "question"),
            written=written,
            comments=[clean(text) for text in comments],
            chapter=chapter(this, book_url),
        )
    )


def _question(cell, check, verdict, titles):
    score = cell.metadata.nbgrader.get("score", 0) or 0
    points = cell.metadata.nbgrader.get("points", check.points)
    diagnosis = verdict and verdict["diagnosis"]
    return {
        "id": check.id,
        "text": check.question,
        "function": check.function,
        "score": number(score),
        "points": number(points),
        "right": score >= points,
        "hint": clean(verdict["hint"] or "") if verdict else "",
        "title": titles.get(diagnosis, ""),
        "by_hand": verdict is not None and score != verdict["earned"],
    }


def _is_given(cell):
    """Say whether a cell is the exercise's own, such as its imports."""
    nbgrader = cell.metadata.get("nbgrader", {})
    return nbgrader.get("locked") and not nbgrader.get("solution")


def _own(cell, outputs):
    texts, pictures = [], []
    for output in outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}\n")
        else:
            data = output.get("data", {})
            drawn = {kind: picture(kind, data) for kind in PICTURES}
            kind = next((kind for kind in PICTURES if drawn[kind]), None)
            if kind:
                pictures.append(f"data:{kind};base64,{drawn[kind]}")
            elif isinstance(data.get("text/plain"), str):
                texts.append(data["text/plain"] + "\n")
    source, output = _short(cell.source), _short("".join(texts))
    return {"source": source, "output": output, "pictures": pictures}


def _short(text):
    text = clean(text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n... the rest is left out."


def clean(text: str) -> str:
    """Return text without colours, and without characters that change how a page reads."""
    return ANSI.sub("", text)


def chapter(this: Exercise, book_url: str = "") -> dict[str, str]:
    """Return where an exercise is explained: "number", "title", and "link", "" where none is known.

    Args:
        this: the exercise, whose text names its chapter.
        book_url: address of the course's website; "" for none.
    """
    text = "\n".join(cell.source for cell in read_solution(this).cells)
    found = CHAPTER.search(text)
    if not found:
        return {"number": "", "title": "", "link": ""}
    number_, title, page = found.groups()
    link = f"{book_url.rstrip('/')}/{page}.html#{SECTION}" if book_url else ""
    return {"number": number_, "title": " ".join(title.split()), "link": link}
