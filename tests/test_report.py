"""What is read after grading: the class report, feedback, a replay; and what is forgotten."""

import csv
import io
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from browser import chromium, find_chromium, served
from conftest import NO_SANDBOX
from nbgrader.api import Gradebook

from autograder.checks import exercise
from autograder.grading.record import Graded
from autograder.mistakes import mistakes_of
from autograder.report import as_csv, as_html, class_report
from autograder.report.attention import prompts
from autograder.report.feedback import clean
from autograder.report.figures import correlation, misconceptions, questions
from autograder.report.pseudonyms import pseudonyms
from autograder.sample_class import break_the_json, submission

NAME = "ex02_forward"
SECRET = bytes(range(32))
ATTACK = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"

UNUSUAL = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    columns = []
    for number in range(x.shape[1]):
        column = [float(value) for value in x[:, number]]
        middle = sum(column) / len(column)
        offsets = [value - middle for value in column]
        width = sum(offset * offset for offset in offsets) / len(offsets)
        factor = float(gamma[number]) / (width + eps) ** 0.5
        columns.append([offset * factor + float(beta[number]) for offset in offsets])
    result = np.array(columns, dtype=x.dtype).T.reshape(x.shape)
    return result, {"columns": columns}
"""
COPY = "# my own work\n" + re.sub(r"\b(column|middle|offsets?|width)\b", r"the_\1", UNUSUAL)
HOSTILE = f"""\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    raise ValueError(f"sum {{x.sum()!r}} " + {ATTACK!r} + "abenawu" + "\\x1b[31m")
from IPython.display import HTML, Javascript, SVG, display
display(HTML({ATTACK!r}), Javascript("document.title='owned'"), SVG("<svg onload='alert(1)'/>"))
display({{"text/html": {ATTACK!r}, "text/plain": {ATTACK!r}}}, raw=True)
display({{"image/png": "PHNjcmlwdD4=", "text/plain": "no picture"}}, raw=True)
print({ATTACK!r}, "\\x1b[31mred\\x1b[0m", "https://example.org/x.png")
"""
CLASS = {
    "abenawu": None,
    "esimensah": "unbiased",
    "hostilehu": HOSTILE,
    "origami": UNUSUAL,
    "parrotta": COPY,
    "svenska": break_the_json,
}


@pytest.fixture(scope="module")
def class_(tmp_path_factory):
    """A class of six, as it was handed in."""
    folder = tmp_path_factory.mktemp("class")
    for student, answer in CLASS.items():
        path = folder / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        answers = {"batchnorm_forward": answer} if isinstance(answer, str) else {}
        nbformat.write(submission(NAME, answers), path)
        if callable(answer):
            answer(path)
    return folder


@pytest.fixture(scope="module")
def graded(checkout, class_, tmp_path_factory):
    """The course in which it was graded, once, with its feedback."""
    course = tmp_path_factory.mktemp("graded") / "course"
    done = checkout.autograder("grade", class_, course=course)
    assert done.returncode == 0, done.stderr
    done = checkout.run(
        *("env", "BOOK_URL=https://course.example/", "python", "-m", "autograder", "feedback"),
        course=course,
    )
    assert done.returncode == 0, done.stderr
    return course


@pytest.fixture
def course(graded, tmp_path):
    """That course, for a test to change."""
    return shutil.copytree(graded, tmp_path / "course")


# --- figures ---


def test_correlation_where_it_is_defined_and_where_not():
    assert correlation([0, 1, 0, 1], [1, 5, 2, 6]) == pytest.approx(0.9701425)  # by hand: 16/17
    assert correlation([0, 1, 0, 1], [5, 1, 5, 1]) == pytest.approx(-1)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1, 2, 3], [4, 4, 4]) is None
    assert correlation([0, 1], [0, 1]) is None


def verdict(check_id, passed, diagnosis=None, hint="x."):
    points = exercise(NAME).check(check_id).points
    hint = None if passed else hint
    return {"id": check_id, "points": points, "earned": points * passed} | {
        "passed": passed,
        "diagnosis": diagnosis,
        "hint": hint,
    }


def test_figures_of_questions_are_those_of_a_small_class():
    """Four on two questions; eps (2 points) goes with whole (2 points) in three of four."""
    marks = [(1, 1), (1, 1), (0, 0), (1, 0)]
    results = [
        Graded(
            f"s{n}", NAME, [verdict("eps", a), verdict("whole", b, "no_eps" if n == 2 else None)]
        )
        for n, (a, b) in enumerate(map(lambda pair: tuple(map(bool, pair)), marks))
    ]
    results.append(Graded("s9", NAME, [verdict("eps", False)], problem="no notebook"))
    eps, whole = (q for q in questions(results) if q.n)
    assert (eps.id, eps.n, eps.earned, eps.unexplained) == ("eps", 4, 0.75, 1)
    assert eps.unwritten == whole.unwritten == 0
    assert (whole.id, whole.earned, whole.unexplained) == ("whole", 0.5, 1)
    assert eps.discrimination == whole.discrimination == pytest.approx(1 / 3**0.5)
    (one,) = misconceptions(results)
    assert (one.id, one.students, one.of, one.questions) == ("no_eps", ("s2",), 4, ("whole",))
    assert one.hint == next(m.hint for m in mistakes_of(NAME) if m.id == "no_eps")


def test_what_nobody_wrote_is_not_unexplained():
    hints = ["batchnorm_forward is not written yet.", "eps is read as 0.", None]
    results = [
        Graded(f"s{n}", NAME, [verdict("eps", hint is None, hint=hint)])
        for n, hint in enumerate(hints)
    ]
    (eps,) = questions(results)
    assert (eps.n, eps.unwritten, eps.unexplained) == (3, 1, 1)


def test_a_question_is_compared_with_the_others_not_with_itself():
    results = [
        Graded(f"s{n}", NAME, [verdict("eps", n % 2 == 0), verdict("whole", n < 2)])
        for n in range(4)
    ]
    assert [q.discrimination for q in questions(results)] == [pytest.approx(0), pytest.approx(0)]


# --- what to look at ---


def why(graded_class, course):
    return {(p.student, p.why) for p in prompts(graded_class, course)}


@pytest.mark.parametrize(
    ("hint", "reason"),
    [
        ("batchnorm_forward did not finish within 10 seconds.", "ran out of time"),
        ("batchnorm_forward killed its kernel: it used too much memory.", "killed its kernel"),
        ("batchnorm_forward was not reached: the kernel died on the way.", "killed its kernel"),
        ("batchnorm_forward gave no answer.", "gave no answer"),
        ("batchnorm_forward is not defined: run the cell that defines it.", "is not there"),
        ("batchnorm_forward is not defined: its cell stopped with X", "Wrote something for"),
        ("eps is added outside the root.", "Wrote something for"),
    ],
)
def test_a_lost_function_is_a_prompt(tmp_path, hint, reason):
    checks = exercise(NAME).checks
    lost = Graded("a", NAME, [verdict(c.id, False, hint=hint) for c in checks])
    assert any(reason in said for _, said in why([lost], tmp_path))


def test_what_needs_no_look(tmp_path):
    checks = exercise(NAME).checks
    blank = [verdict(c.id, False, hint="batchnorm_forward is not written yet.") for c in checks]
    partly = [verdict(c.id, c.id == "eps") for c in checks]
    assert why([Graded("a", NAME, blank), Graded("b", NAME, partly)], tmp_path) == set()


def test_unprotected_not_judged_and_not_graded_are_prompts(tmp_path):
    (tmp_path / "submitted" / "c" / NAME).mkdir(parents=True)
    good = [verdict(c.id, True) for c in exercise(NAME).checks]
    results = [Graded("a", NAME, good, sandbox=False), Graded("b", NAME, [], problem="no notebook")]
    assert {(who, said.split(".")[0]) for who, said in why(results, tmp_path)} == {
        ("a", "Was run unprotected, with no sandbox"),
        ("b", "Was not judged"),
        ("c", "Was handed in and is not graded"),
    }


def test_prompts_of_a_graded_class(graded):
    report = class_report(graded)
    said = {(p.student, p.partner): p.why for p in report.prompts if "unprotected" not in p.why}
    assert said.keys() == {
        ("hostilehu", ""),
        ("svenska", ""),
        ("origami", "parrotta"),
        ("parrotta", "origami"),
    }
    assert "0 of its 14 points" in said["hostilehu", ""]
    assert report.scores["origami", NAME].earned == exercise(NAME).points  # alike, and marked


# --- the page ---


class Page(HTMLParser):
    """What a page holds: elements with their attributes, ids, text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def pages(graded):
    """Return all pages that were written of a course."""
    report = class_report(graded)
    made = {"report": as_html(report), "pseudonyms": as_html(class_report(graded, anonymous=True))}
    made["empty"] = as_html(replace(report, results=[], scores={}, prompts=[], questions=[]))
    for path in (graded / "feedback").rglob(f"{NAME}.html"):
        made[path.parent.parent.name] = path.read_text(encoding="utf-8")
    return made


def test_pages_are_alone_and_well_formed(graded):
    for name, text in pages(graded).items():
        page = Page(text)
        assert page.all("html") == [{"lang": "en"}], name
        assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
        assert not page.all("script") and not page.all("iframe")
        assert [link["href"] for link in page.all("link")] == ["data:,"]  # no icon to ask for
        assert not any(key.startswith("on") for _, a in page.elements for key in a)
        sources = [a.get("src", "") for _, a in page.elements]
        assert all(source.startswith("data:image/") for source in sources if source)
        assert "@import" not in text and "url(" not in text
        ids = [a["id"] for _, a in page.elements if "id" in a]
        assert len(ids) == len(set(ids)), name
        targets = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
        labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
        assert set(targets + labels) <= set(ids)
        assert targets[0] == "content"  # the skip link comes first
        assert len(page.all("caption")) == len(page.all("table"))
        assert all(a.get("scope") in ("col", "row") for a in page.all("th"))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_in_both_modes(graded):
    css = as_html(class_report(graded)).split("<style>")[1]
    modes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in css.split("@media")[:2]]
    for colours in modes:
        for front in ("text", "soft", "link", "bad", "good"):
            for back in ("ground", "panel"):
                light, dark = sorted((luminance(colours[front]), luminance(colours[back])))[::-1]
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


@pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium here")
def test_pages_in_a_browser_fetch_nothing_and_fit_a_phone(graded, tmp_path):
    made = pages(graded)
    for name in ("report", "hostilehu"):
        (tmp_path / f"{name}.html").write_text(made[name], encoding="utf-8")
    with served(tmp_path) as address, chromium(find_chromium()) as browser:
        for name in ("report", "hostilehu"):
            for dark in (False, True):
                visit = browser.open(f"{address}/{name}.html", width=360, dark=dark)
                asked = [url for url in visit.requests if not url.startswith("data:")]
                assert (visit.errors, asked) == ([], [f"{address}/{name}.html"])
                assert browser.run("document.documentElement.scrollWidth") <= 360
                assert browser.run("document.title") != "owned"


def test_the_csv_has_everybody(graded):
    table = {
        row["student"]: row for row in csv.DictReader(io.StringIO(as_csv(class_report(graded))))
    }
    assert table.keys() == CLASS.keys()
    assert (table["abenawu"]["score"], table["abenawu"]["possible"]) == ("14", "14")
    assert table["esimensah"]["misconceptions"] == "unbiased"
    assert table["svenska"]["state"] == "not judged"


def test_the_command(checkout, course, tmp_path):
    done = checkout.autograder(
        "report", "--course", course, "--out", tmp_path / "a.html", "--csv", tmp_path / "a.csv"
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == as_html(class_report(course))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == as_csv(class_report(course))
    done = checkout.autograder("report", "--course", tmp_path / "none")
    assert done.returncode == 2 and "no gradebook there" in done.stderr


# --- pseudonyms ---


def test_no_name_under_pseudonyms(graded):
    report = class_report(graded, anonymous=True)
    for text in (as_html(report), as_csv(report)):
        assert not [name for name in CLASS if name in text]
        assert ATTACK[:8] not in text
    assert len(report.students) == len(CLASS)
    assert class_report(graded, anonymous=True).students == report.students


def test_a_pseudonym_stays_when_others_join_and_differs_by_course():
    one, more = pseudonyms(["a", "b"], SECRET), pseudonyms(["c", "b", "a", "d"], SECRET)
    assert one["a"] == more["a"] and len(set(more.values())) == 4
    assert pseudonyms(["a"], bytes(32))["a"] != one["a"]
    with pytest.raises(ValueError, match="no secret"):
        pseudonyms(["a"], b"")


# --- feedback ---


def feedback(course, student):
    path = course / "feedback" / student / NAME / f"{NAME}.html"
    return path.read_text(encoding="utf-8")


def test_feedback_says_what_was_asked_what_is_wrong_and_where_to_read(graded):
    page = Page(feedback(graded, "esimensah"))
    mistake = next(m for m in mistakes_of(NAME) if m.id == "unbiased")
    assert mistake.hint in page.text and mistake.title in page.text
    assert all(check.question in page.text for check in exercise(NAME).checks)
    assert "8 of 14 points." in page.text
    (link,) = [a["href"] for a in page.all("a") if not a["href"].startswith("#")]
    assert link == "https://course.example/book/03_forward.html#what-goes-wrong"
    assert mistake.hint not in feedback(graded, "abenawu")
    assert "14 of 14 points." in feedback(graded, "abenawu")


def test_feedback_has_nothing_of_another_and_no_hidden_input(graded):
    for student in CLASS:
        text = feedback(graded, student)
        others = [name for name in CLASS if name != student and name in text]
        assert others == (["abenawu"] if student == "hostilehu" else [])  # who wrote it himself
        assert "Traceback" not in text and "unpack(" not in text and "_judge" not in text


def test_feedback_shows_hostile_output_as_text(graded):
    text = feedback(graded, "hostilehu")
    page = Page(text)
    assert page.text.count(ATTACK) >= 3  # an error, an output of a display, what was printed
    assert "<script" not in text and "\x1b" not in text
    assert page.all("img") == [] and "base64," not in text  # what calls itself a picture is none
    policy = next(a for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")


def test_feedback_on_what_was_not_judged(graded):
    text = feedback(graded, "svenska")
    assert "Not judged:" in text and "What you wrote" not in text


def test_clean_leaves_text_and_takes_what_steers_a_terminal():
    assert clean("a\tb\n\x1b[1;31mred\x1b[0m \x07\u202eevil é") == "a\tb\nred evil é"


def test_nbgraders_own_command_writes_the_same(checkout, course):
    before = feedback(course, "esimensah").replace("https://course.example/", "")
    shutil.rmtree(course / "feedback")
    done = checkout.run(
        *("nbgrader", "generate_feedback", NAME, "--student=esimensah"),
        course=course,
        cwd=checkout.root / "autograder",
    )
    assert done.returncode == 0, done.stderr
    after = feedback(course, "esimensah")
    link = re.compile(r'<a href="book/[^"]*">([^<]*)</a>')
    assert "<a href" in before
    assert after.split("</header>")[1] == link.sub(r"\1", before).split("</header>")[1]


# --- replay ---


@pytest.fixture
def replay(checkout, course):
    """Return a function that replays a question of a submission."""
    extra = ["--unprotected"] if NO_SANDBOX else []

    def run(submission, check, *words):
        return checkout.autograder("replay", submission, check, *words, *extra, course=course)

    return run


def test_a_replay_shows_what_was_asked_and_gives_the_recorded_verdict(replay, course):
    before = {p: p.read_bytes() for p in (course / "autograded").rglob("*") if p.is_file()}
    done = replay(f"esimensah/{NAME}", "whole", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    record = json.loads((course / "autograded" / "esimensah" / NAME / "record.json").read_text())
    recorded = next(v for v in record["verdicts"] if v["id"] == "whole")
    assert found["same"] and not found["changed"]
    assert found["verdict"] == found["recorded"] == recorded
    case = found["cases"][-1]
    mistake = next(m for m in mistakes_of(NAME) if m.id == "unbiased")
    inputs = {name: nbformat_array(value) for name, value in case["inputs"].items()}
    y = mistake.function(inputs["x"], inputs["gamma"], inputs["beta"], inputs.get("eps", 1e-5))[0]
    assert y == pytest.approx(nbformat_array(case["answer"]["y"]))  # these inputs, this answer
    assert case["error"] > found["tolerance"]
    assert {p: p.read_bytes() for p in (course / "autograded").rglob("*") if p.is_file()} == before


def nbformat_array(value):
    import numpy as np

    return np.array(value) if isinstance(value, list) else value


def test_a_replay_puts_the_inputs_that_were_graded(replay):
    """What this student's code says, and what was recorded of it, depends on the inputs."""
    found = json.loads(replay(f"hostilehu/{NAME}", "whole", "--json").stdout)
    assert re.search(r"sum np.float64\(-?\d", found["recorded"]["hint"])
    assert found["same"] and found["verdict"]["hint"] == found["recorded"]["hint"]


def test_a_replay_that_differs_says_so(replay, course):
    with sqlite3.connect(course / "gradebook.db") as database:
        (text,) = database.execute(
            "SELECT record FROM batchnorm_record WHERE student = 'esimensah'"
        ).fetchone()
        record = json.loads(text)
        for entry in record["verdicts"]:
            entry.update(earned=entry["points"], passed=True, diagnosis=None, hint=None)
        database.execute(
            "UPDATE batchnorm_record SET record = ? WHERE student = 'esimensah'",
            [json.dumps(record)],
        )
    done = replay("esimensah", "whole", "--exercise", NAME)
    assert done.returncode == 1
    assert "ANOTHER VERDICT than recorded." in done.stdout
    assert "failed, 0 of 2." in done.stdout and "def ask_whole" in done.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((f"nobody/{NAME}", "whole"), "no graded submission"),
        ((f"../esimensah/{NAME}", "whole"), "no exercise"),
        (("esimensah", "whole"), "which exercise?"),
        ((f"esimensah/{NAME}", "wholly"), "no question 'wholly'"),
        ((f"svenska/{NAME}", "whole"), "it was not judged: not a notebook"),
    ],
)
def test_what_cannot_be_replayed(replay, words, reason):
    done = replay(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr and "Traceback" not in done.stderr


# --- forgotten ---


def everywhere(course, word):
    """Return the files of a course that hold a word, in their path or in their bytes."""
    files = [path for path in course.rglob("*") if path.is_file()]
    return [p for p in files if word.encode() in p.read_bytes() or word in str(p)]


def test_forget_removes_one_student_and_nobody_else(checkout, course):
    done = checkout.autograder("report", "--course", course)
    assert done.returncode == 0 and everywhere(course, "esimensah")
    kept = {student: class_report(course).scores[student, NAME] for student in CLASS}
    done = checkout.autograder("forget", "esimensah", "--course", course)
    assert done.returncode == 1 and "add --yes" in done.stderr
    assert class_report(course).scores == {(s, NAME): score for s, score in kept.items()}
    done = checkout.autograder("forget", "esimensah", "--course", course, "--yes")
    assert done.returncode == 0, done.stderr
    for place in ("gradebook.db", "submitted", "autograded", "feedback", "report.html"):
        assert place in done.stdout
    assert everywhere(course, "esimensah") == []
    del kept["esimensah"]
    assert class_report(course).scores == {(s, NAME): score for s, score in kept.items()}


def test_forget_names_the_tables_that_it_leaves(checkout, course, tmp_path):
    """Marks for Canvas have a name and no id; another student's table is not named."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("esimensah", first_name="Esi", last_name="Mensah")
    for words in (["csv"], ["canvas", "--out", course / "canvas.csv"]):
        done = checkout.autograder("marks", "--to", *words, "--course", course)
        assert done.returncode == 0, done.stderr
    named = (course / "canvas.csv").read_text(encoding="utf-8")
    assert '"Mensah, Esi"' in named
    (course / "canvas.csv").write_text(named.replace("esimensah", ""), encoding="utf-8")
    (course / "other.csv").write_text("id,first_name\nesi,Mensah\n", encoding="utf-8")
    tables = [course / "canvas.csv", course / "marks.csv", course / "other.csv"]
    before = [path.read_bytes() for path in tables]
    done = checkout.autograder("forget", "esimensah", "--course", course, "--yes")
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines() if "names the" in line] == [
        "canvas.csv",
        "marks.csv",
    ]
    assert done.stdout.endswith("but for what you remove yourself: canvas.csv, marks.csv\n")
    assert [path.read_bytes() for path in tables] == before


@pytest.mark.parametrize("student", ["nobody", "*", ".", "..", "", "../graded", "esi"])
def test_forget_matches_an_id_and_no_pattern(checkout, course, student, capsys):
    from autograder.cli import main

    before = sorted(course.rglob("*"))
    assert main(["forget", student, "--yes", "--course", str(course)]) == 2
    assert "nothing of a student" in capsys.readouterr().err
    assert sorted(course.rglob("*")) == before


# --- an exercise that changed ---


def recorded(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        rows = database.execute("SELECT student, record FROM batchnorm_record").fetchall()
    return {student: json.loads(record) for student, record in rows}


def rewrite(course, student, change):
    record = recorded(course)[student]
    change(record)
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute(
            "UPDATE batchnorm_record SET record = ? WHERE student = ?",
            [json.dumps(record), student],
        )


def test_only_what_changed_is_graded_again(own_checkout, course, class_, tmp_path):
    """`whole` gets another tolerance: one verdict changes, what stood in the record stays."""
    few = tmp_path / "few"
    for student in ("esimensah", "origami"):
        shutil.copytree(class_ / student, few / student)
    done = own_checkout.autograder("grade", few, "--changed", course=course)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "nothing to grade: 2 submissions are as they were judged\n"

    def mark(record):
        entry = next(v for v in record["verdicts"] if v["id"] == "dtype")
        entry.update(earned=0, passed=False, hint="As it was recorded.")

    rewrite(course, "esimensah", mark)
    checks = Path(own_checkout.root / "autograder" / "checks" / f"{NAME}.py")
    text = checks.read_text(encoding="utf-8")
    start = text.index('id="whole"')
    changed = text[:start] + text[start:].replace("tolerance=1e-9", "tolerance=10.0", 1)
    checks.write_text(changed, encoding="utf-8")
    # One of the two has since handed in something else: nothing of the old record stands.
    path = few / "origami" / NAME / f"{NAME}.ipynb"
    nbformat.write(submission(NAME, {"batchnorm_forward": "no_eps"}), path)
    done = own_checkout.autograder("grade", few, "--changed", course=course)
    assert done.returncode == 0, done.stderr
    now = {v["id"]: v for v in recorded(course)["esimensah"]["verdicts"]}
    assert now["whole"]["passed"] and now["whole"]["earned"] == 2
    assert now["dtype"]["hint"] == "As it was recorded." and not now["dtype"]["passed"]
    assert now["normalized"]["diagnosis"] == "unbiased"
    origami = {v["id"]: v for v in recorded(course)["origami"]["verdicts"]}
    assert origami["eps"]["diagnosis"] == "no_eps"
    scores = {s: score.earned for (s, _), score in class_report(course).scores.items()}
    assert scores["esimensah"] == 8 + 2 - 1  # whole gained; dtype as recorded


NEW = """

@mistake("seventh_off", fails="normalized", hint="Everything is a seventh too large.")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    \"\"\"Is a seventh too large.\"\"\"
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) * 8 / 7
    return gamma * x_hat + beta, x_hat
"""
SEVENTH = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    offsets = x - x.mean(axis=0)
    x_hat = offsets / (x.var(axis=0) + eps) ** 0.5 * 8 / 7
    return gamma * x_hat + beta, x_hat
"""


def test_a_new_mistake_names_what_was_lost_and_changes_no_mark(own_checkout, course, tmp_path):
    """Of `normalized` only, which it fails; who lost nothing there is not run again."""
    class_ = tmp_path / "class"
    for student, answer in (("abenawu", None), ("esimensah", SEVENTH), ("origami", SEVENTH)):
        path = class_ / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        answers = {"batchnorm_forward": answer} if answer else {}
        nbformat.write(submission(NAME, answers), path)
    done = own_checkout.autograder("grade", class_, course=course)
    assert done.returncode == 0, done.stderr
    before = recorded(course)
    lost = {v["id"] for v in before["esimensah"]["verdicts"] if not v["passed"]}
    assert {"normalized", "whole"} < lost
    assert not [v for v in before["esimensah"]["verdicts"] if v["diagnosis"]]

    def lose_normalized(record):  # what passes now and was lost then stays lost
        entry = next(v for v in record["verdicts"] if v["id"] == "normalized")
        entry.update(earned=0, passed=False, hint="As it was recorded.")

    right = submission(NAME, {})
    nbformat.write(right, class_ / "origami" / NAME / f"{NAME}.ipynb")
    done = own_checkout.autograder("grade", class_, "--changed", course=course)
    assert done.returncode == 0 and "2 submissions are as they were" in done.stderr, done.stderr
    rewrite(course, "origami", lose_normalized)
    before = recorded(course)

    catalogue = own_checkout.root / "autograder" / "mistakes" / f"{NAME}.py"
    catalogue.write_text(catalogue.read_text(encoding="utf-8") + NEW, encoding="utf-8")
    done = own_checkout.autograder("grade", class_, "--changed", course=course)
    assert done.returncode == 0, done.stderr
    assert "1 submissions are as they were judged" in done.stderr  # abenawu, who lost nothing
    now = recorded(course)
    for student in ("abenawu", "esimensah", "origami"):
        marks = [
            [(v["id"], v["earned"], v["passed"]) for v in record[student]["verdicts"]]
            for record in (before, now)
        ]
        assert marks[0] == marks[1]
    named = {v["id"]: v["diagnosis"] for v in now["esimensah"]["verdicts"] if v["diagnosis"]}
    assert named == {"normalized": "seventh_off"}
    hints = {v["id"]: v["hint"] for v in now["esimensah"]["verdicts"]}
    assert hints["normalized"] == "Everything is a seventh too large."
    kept = next(v for v in now["origami"]["verdicts"] if v["id"] == "normalized")
    assert kept["hint"] == "As it was recorded."
    done = own_checkout.autograder("grade", class_, "--changed", course=course)
    assert done.stdout == "nothing to grade: 3 submissions are as they were judged\n"
