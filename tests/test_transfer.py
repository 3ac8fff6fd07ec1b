"""Rosters and downloads in, marks out: the layouts of Canvas and Moodle, and files that lie."""

import csv
import io
import os
import shutil
import stat
import zipfile
from datetime import datetime

import nbformat
import pytest
from conftest import ROOT
from nbgrader.api import Gradebook

from autograder.checks import exercise
from autograder.cli import main
from autograder.course import nbgrader_config
from autograder.grading.intake import LARGEST, CannotJudge, read
from autograder.report.figures import scores
from autograder.sample_class import submission
from autograder.transfer.collect import collect, extend
from autograder.transfer.marks import canvas, moodle
from autograder.transfer.roster import NoRoster, read_roster, register
from autograder.transfer.source import NoDownload

NAME = "ex02_forward"
BLANK = (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()
ROSTER = """\
id,first_name,last_name,email,lms_user_id
abena,Abena,Owusu-Ansah,abena@example.org,101
bilal,Bilal,Çelik,bilal@example.org,102
chiara,Chiara,De Rossi,,103
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty course with a gradebook, which takes nbgrader a while to make."""
    folder = tmp_path_factory.mktemp("empty") / "course"
    nbgrader_config(folder)
    with book(folder):
        return folder


@pytest.fixture
def course(empty, tmp_path):
    """An empty course with a gradebook, of a test's own."""
    return shutil.copytree(empty, tmp_path / "course")


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return read_roster(path)


def book(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def zipped(path, files):
    """Write a zip of names and contents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def taken(course):
    """Return what is in the course: student to the names of the files of the exercise."""
    folders = (course / "submitted").glob(f"*/{NAME}")
    return {f.parent.name: {p.name for p in f.iterdir()} for f in folders}


# --- rosters ---


def test_a_roster_reaches_the_gradebook_as_nbgraders_own_import_has_it(course, roster, tmp_path):
    register(roster, course)
    with book(course) as gradebook:
        (bilal,) = [s for s in gradebook.students if s.id == "bilal"]
        assert (bilal.first_name, bilal.last_name, bilal.lms_user_id) == ("Bilal", "Çelik", "102")
        assert len(gradebook.students) == 3


def test_an_export_of_canvas_is_a_roster(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,HW (9)\n"
        "    Points Possible,,,,,14\n"
        '"De Rossi, Chiara",103,S3,chiara,A,\n',
        encoding="utf-8-sig",
    )
    (student,) = read_roster(path)
    assert (student.id, student.first_name, student.last_name) == ("chiara", "Chiara", "De Rossi")
    assert student.lms_user_id == "103"


def test_a_worksheet_of_moodle_is_a_roster_with_times(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 77,Abena Owusu,abena@example.org,,,"Tuesday, 3 March 2026, 11:59 PM"\n'
        "Participant 78,Bilal Çelik,bilal@example.org,,,-\n",
        encoding="utf-8",
    )
    first, second = read_roster(path)
    assert (first.id, first.participant) == ("abena@example.org", "77")
    assert first.handed_in == datetime(2026, 3, 3, 23, 59)
    assert second.handed_in is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name,points\nx,1\n", "expected the columns id"),
        ("", "expected the columns id"),
        ("id,first_name\n../../etc,x\n", "line 2: '../../etc' is no id"),
        ("id,first_name\n,x\n", "line 2: '' is no id"),
        ("id\nabena\nAbena\n", "abena there twice"),
        ("id,first_name\na*b,x\n", "line 2: 'a*b' is no id"),
    ],
)
def test_no_roster(tmp_path, text, reason):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(NoRoster, match="r.csv") as error:
        read_roster(tmp_path / "r.csv")
    assert reason in str(error.value)


# --- Canvas ---

CANVAS = {
    f"owusuansahabena_101_9001_{NAME}.ipynb": BLANK,
    f"çelikbilal_LATE_102_9002_{NAME}-1.ipynb": BLANK + b" ",
    f"çelikbilal_LATE_102_9000_{NAME}.ipynb": BLANK,
    "derossichiara_103_9003_my notes_2.txt": "by chiara",
    f"derossichiara_103_9004_{NAME}-12.ipynb": BLANK,
}


def test_a_zip_of_canvas(course, roster, tmp_path):
    done = collect(zipped(tmp_path / "c.zip", CANVAS), "canvas", NAME, course, roster)
    assert done.students == ["abena", "bilal", "chiara"]
    assert taken(course)["abena"] == {f"{NAME}.ipynb"}
    assert taken(course)["chiara"] == {f"{NAME}.ipynb", "my notes_2.txt"}
    bilal = course / "submitted" / "bilal" / NAME / f"{NAME}.ipynb"
    assert bilal.read_bytes() == BLANK + b" "  # the second attempt
    assert done.left_out == [(f"çelikbilal_LATE_102_9000_{NAME}.ipynb", "an earlier attempt")]
    assert done.late == ["bilal"]


def test_without_a_roster_canvas_numbers_are_the_ids(course, tmp_path):
    files = CANVAS | {f"anon_aB3_9005_{NAME}.ipynb": BLANK}
    collect(zipped(tmp_path / "c.zip", files), "canvas", NAME, course)
    assert taken(course).keys() == {"101", "102", "103", "anon_aB3"}


def test_names_do_where_canvas_numbers_are_not_known(course, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("id,first_name,last_name\nab,Abena,Owusu-Ansah\nbi,Bilal,Çelik\n")
    done = collect(zipped(tmp_path / "c.zip", CANVAS), "canvas", NAME, course, read_roster(path))
    assert done.students == ["ab", "bi"]
    reasons = dict(done.left_out)
    assert "nobody of the roster may be 103" in reasons["derossichiara_103_9003_my notes_2.txt"]


def test_late_in_canvas_is_late_in_nbgrader(course, roster, tmp_path):
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00 UTC")
    collect(zipped(tmp_path / "c.zip", CANVAS), "canvas", NAME, course, roster)
    stamps = {
        student: (course / "submitted" / student / NAME / "timestamp.txt")
        for student in ("abena", "bilal")
    }
    assert not stamps["abena"].exists()  # nbgrader: not late
    assert stamps["bilal"].read_text() == "2026-03-01 12:00:01 UTC\n"


# --- Moodle ---


def test_a_zip_of_moodle_with_and_without_folders(course, roster, tmp_path):
    files = {
        f"Abena Owusu-Ansah_77_assignsubmission_file/{NAME}.ipynb": BLANK,
        f"Bilal Çelik_78_assignsubmission_file_/work/{NAME}.ipynb": BLANK,
        f"Chiara De Rossi_79_assignsubmission_file_{NAME}.ipynb": BLANK,
        "Chiara De Rossi_79_assignsubmission_onlinetext_onlinetext.html": "hello",
        f"Somebody Else_80_assignsubmission_file_/{NAME}.ipynb": BLANK,
    }
    done = collect(zipped(tmp_path / "m.zip", files), "moodle", NAME, course, roster)
    assert done.students == ["abena", "bilal", "chiara"]
    assert len(done.left_out) == 2
    assert taken(course)["bilal"] == {"work", f"{NAME}.ipynb", "timestamp.txt"}
    stamp = (course / "submitted" / "abena" / NAME / "timestamp.txt").read_text()
    assert datetime.strptime(stamp.strip(), "%Y-%m-%d %H:%M:%S UTC")


def test_two_of_one_name_are_not_made_one(course, tmp_path):
    files = {
        f"Mei Li_1_assignsubmission_file_/{NAME}.ipynb": BLANK,
        f"Mei Li_2_assignsubmission_file_/{NAME}.ipynb": BLANK,
    }
    done = collect(zipped(tmp_path / "m.zip", files), "moodle", NAME, course)
    assert done.students == []
    assert [reason for _, reason in done.left_out] == ["two are called mei-li; give a roster"] * 2


# --- folders ---


@pytest.mark.parametrize("trusted", [False, True])
def test_folders_of_three_kinds(course, tmp_path, trusted):
    top = tmp_path / "in"
    for path in (f"abena/{NAME}/{NAME}.ipynb", f"bilal/{NAME}.ipynb", "chiara.ipynb"):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(BLANK)
    (top / "abena" / NAME / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    (top / "abena" / "ex01_statistics").mkdir()
    (top / "abena" / "ex01_statistics" / "x.ipynb").write_bytes(BLANK)
    (top / "readme.txt").write_text("")
    (top / "bilal" / "link.ipynb").symlink_to("/etc/passwd")
    os.utime(top / "chiara.ipynb", (0, 0))
    done = collect(top, "folder", NAME, course, timestamps=trusted)
    assert done.students == ["abena", "bilal", "chiara"]
    stamps = {who: course / "submitted" / who / NAME / "timestamp.txt" for who in done.students}
    assert {stamp.exists() for stamp in stamps.values()} == {trusted}
    ignored = {f"abena/{NAME}/timestamp.txt": "a time of handing in that anybody can write"}
    if trusted:
        assert stamps["abena"].read_text() == "2026-03-01 12:00:00 UTC\n"
        assert stamps["chiara"].read_text() == "1970-01-01 00:00:00 UTC\n"
        ignored = {}
    assert dict(done.left_out) == ignored | {
        "abena/ex01_statistics/x.ipynb": "of ex01_statistics",
        "bilal/link.ipynb": "a link, or no file",
        "readme.txt": "in no student's folder",
    }


@pytest.mark.parametrize("inner", [f"/{NAME}", ""])
def test_a_folder_that_was_zipped_as_a_whole(course, tmp_path, inner):
    files = {f"handed in/{who}{inner}/{NAME}.ipynb": BLANK for who in ("abena", "bilal")}
    path = zipped(tmp_path / "f.zip", files | {"__MACOSX/x": b"", "handed in/.DS_Store": b""})
    done = collect(path, "folder", NAME, course)
    assert done.students == ["abena", "bilal"]
    assert {reason for _, reason in done.left_out} == {"made by a program, not handed in"}


def test_one_student_with_folders_is_one_student(course, tmp_path):
    files = {f"abena/{NAME}/{NAME}.ipynb": BLANK, f"abena/{NAME}/old/x.ipynb": BLANK}
    assert collect(zipped(tmp_path / "f.zip", files), "folder", NAME, course).students == ["abena"]


# --- files that lie ---


def test_a_zip_that_leads_out_of_itself(course, roster, tmp_path):
    files = {
        f"../../abena/{NAME}.ipynb": BLANK,
        f"/abena/{NAME}.ipynb": BLANK,
        f"..\\abena\\{NAME}.ipynb": BLANK,
        f"C:\\abena\\{NAME}.ipynb": BLANK,
        f"abena/../../../x/{NAME}.ipynb": BLANK,
    }
    before = {p for p in tmp_path.rglob("*")}
    path = zipped(tmp_path / "evil.zip", files)
    done = collect(path, "folder", NAME, course, roster)
    assert done.students == [] and len(done.left_out) == 5
    assert {p for p in tmp_path.rglob("*")} - before == {path}


def test_a_link_in_a_zip(course, roster, tmp_path):
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo(f"abena/{NAME}.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    done = collect(path, "folder", NAME, course, roster)
    assert done.left_out == [(f"abena/{NAME}.ipynb", "a link")]


def test_huge_members_and_a_zip_that_lies_about_its_size(course, roster, tmp_path):
    files = {
        f"abena/{NAME}.ipynb": b" " * (LARGEST + 1),
        f"bilal/{NAME}.ipynb": BLANK,
        "bilal/data.bin": bytes(40 << 20),
        f"chiara/{NAME}.ipynb": b" " * (LARGEST + 2),
    }
    path = zipped(tmp_path / "huge.zip", files)
    assert path.stat().st_size < 1 << 20
    claim = (LARGEST + 2).to_bytes(4, "little")  # chiara's claims to be small
    path.write_bytes(path.read_bytes().replace(claim, (10).to_bytes(4, "little")))
    done = collect(path, "folder", NAME, course, roster)
    assert done.students == ["abena", "bilal", "chiara"]
    reasons = dict(done.left_out)
    assert reasons["bilal/data.bin"] == "too large"
    assert reasons[f"chiara/{NAME}.ipynb"].startswith("cannot be read")
    notebook = course / "submitted" / "abena" / NAME / f"{NAME}.ipynb"
    with pytest.raises(CannotJudge, match="too large, 20 MiB"):
        read(notebook, exercise(NAME))
    assert taken(course)["bilal"] == {f"{NAME}.ipynb"}


def test_a_student_cannot_hand_in_a_time(course, roster, tmp_path):
    files = {
        f"owusuansahabena_101_1_{NAME}.ipynb": BLANK,
        "owusuansahabena_101_2_timestamp.txt": "1999-01-01",
    }
    done = collect(zipped(tmp_path / "c.zip", files), "canvas", NAME, course, roster)
    assert taken(course)["abena"] == {f"{NAME}.ipynb"}
    assert done.left_out[0][0].endswith("timestamp.txt")


@pytest.mark.parametrize("kind", ["missing", "text", "broken"])
def test_no_download(course, tmp_path, kind):
    path = tmp_path / "x.zip"
    if kind == "text":
        path.write_text("hello")
    elif kind == "broken":
        path.write_bytes(zipped(tmp_path / "y.zip", {"a/b.ipynb": BLANK}).read_bytes()[40:])
    try:
        done = collect(path, "folder", NAME, course)
    except NoDownload:
        assert taken(course) == {}
    else:
        assert kind == "broken" and done.students == ["a"] and done.left_out


def test_the_command_lists_what_it_leaves_out(course, tmp_path, capsys):
    path = zipped(tmp_path / "c.zip", CANVAS | {"what.ipynb": BLANK, "\x1b[31mred": b""})
    words = ["collect", str(path), "--from", "canvas", "--exercise", NAME, "--course", str(course)]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "3 submissions" in out and "left out: 'what.ipynb': not named as Canvas" in out
    assert "\x1b" not in out


# --- extensions ---


def test_an_extension_is_nbgraders_own(course):
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00 UTC")
    assert extend(course, "abena", NAME, 36) == datetime(2026, 3, 3, 0, 0)
    with book(course) as gradebook:
        assert gradebook.find_submission(NAME, "abena").duedate == datetime(2026, 3, 3, 0, 0)
    assert extend(course, "abena", NAME, 0) == datetime(2026, 3, 1, 12, 0)


def registered(checkout, course):
    words = ("release", NAME, "--to", course / "released")
    done = checkout.autograder(*words, course=course)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("hours", [0, 48])
def test_an_extension_given_before_the_exercise_is_registered_is_kept(checkout, course, hours):
    """A due date, an extension, and only then nbgrader's own registering, twice."""
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00 UTC")
    extend(course, "abena", NAME, hours)
    due = datetime(2026, 3, 1 + hours // 24, 12, 0)
    asked = {check.id for check in exercise(NAME).checks}
    for _ in range(2):
        registered(checkout, course)
        extend(course, "bilal", NAME, 24)
        with book(course) as gradebook:
            for student, when in (("abena", due), ("bilal", datetime(2026, 3, 2, 12, 0))):
                found = gradebook.find_submission(NAME, student)
                assert found.duedate == when
                assert {grade.name for n in found.notebooks for grade in n.grades} == asked
            assert gradebook.find_assignment(NAME).duedate == datetime(2026, 3, 1, 12, 0)


def test_an_exercise_that_nbgrader_refuses_is_said_in_one_line(checkout, course, tmp_path):
    """It adds no cell to a notebook that has been handed in."""
    with book(course) as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
    extend(course, "abena", NAME, 1)
    (tmp_path / "in" / "abena" / NAME).mkdir(parents=True)
    for words in (("release", NAME, "--to", tmp_path / "to"), ("grade", tmp_path / "in")):
        done = checkout.autograder(*words, course=course)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith(
            f"autograder: nbgrader could not release {NAME}: Cannot add or remove cells"
        )


def test_marks_stand_when_an_exercise_is_registered_again(checkout, course):
    registered(checkout, course)
    with book(course) as gradebook:
        gradebook.update_or_create_student("abena")
        gradebook.add_submission(NAME, "abena", timestamp="2026-03-01 12:00:00 UTC")
        gradebook.find_grade("eps", NAME, NAME, "abena").manual_score = 1.5
        gradebook.db.commit()
    registered(checkout, course)
    with book(course) as gradebook:
        found = gradebook.find_submission(NAME, "abena")
        assert (found.score, found.timestamp) == (1.5, datetime(2026, 3, 1, 12, 0))


def test_late_work_pays_what_the_course_asks_until_it_is_extended(checkout, course, tmp_path):
    """From Canvas's mark to nbgrader's penalty and back, by the real commands."""
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00 UTC")
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    )
    right = nbformat.writes(submission(NAME, {}))
    files = {f"abc_7_9_{NAME}.ipynb": right, f"abd_LATE_8_10_{NAME}.ipynb": right}
    path = zipped(tmp_path / "c.zip", files)

    def graded():
        done = checkout.autograder("grade", course / "submitted", course=course)
        assert done.returncode == 0, done.stderr
        return {student: score.earned for (student, _), score in scores(course).items()}

    done = checkout.autograder(
        "collect", path, "--from", "canvas", "--exercise", NAME, course=course
    )
    assert (done.returncode, "late: 8" in done.stdout) == (0, True), done.stderr
    assert graded() == {"7": 14, "8": 0}
    _, student = rows(moodle(with_address(course, "8"), NAME).text)
    assert student[1:] == ["0", "Points taken off because it was late: 14.<br>All right."]
    done = checkout.autograder("extend", "8", NAME, "--hours", "1", course=course)
    assert done.returncode == 0 and "2026-03-01 13:00 UTC" in done.stdout
    assert graded() == {"7": 14, "8": 14}
    assert rows(moodle(course, NAME).text)[1][1:] == ["14", "All right."]


def with_address(course, student):
    """Give a student an address, and return the course."""
    with book(course) as gradebook:
        gradebook.update_or_create_student(student, email=f"{student}@example.org")
    return course


# --- marks ---


@pytest.fixture
def marked(course, roster):
    """A course in which abena and bilal have points in one exercise, and chiara nothing."""
    register(roster, course)
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(NAME)
        gradebook.update_or_create_notebook(NAME, NAME)
        gradebook.update_or_create_grade_cell("q", NAME, NAME, max_score=4, cell_type="code")
        for student, points in (("abena", 4), ("bilal", 1.5)):
            gradebook.update_or_create_submission(NAME, student)
            gradebook.find_grade("q", NAME, NAME, student).auto_score = points
        gradebook.db.commit()
    return course


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_canvas_gets_its_columns(marked):
    head, possible, *students = rows(canvas(marked, [NAME]).text)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME]
    assert (possible[0], possible[5]) == ("    Points Possible", "4")
    assert students == [
        ["De Rossi, Chiara", "103", "", "chiara", "", ""],
        ["Owusu-Ansah, Abena", "101", "", "abena", "", "4"],
        ["Çelik, Bilal", "102", "", "bilal", "", "1.5"],
    ]


def test_what_canvas_exported_is_filled_in(marked, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        f"Student,ID,SIS Login ID,Section,Essay (8),{NAME} (9),Final Score\n"
        ",,,,,Manual Posting,\n"
        "    Points Possible,,,,10,20,(read only)\n"
        '"Owusu-Ansah, Abena",101,abena,A,7,,80\n'
        '"Nobody, N",999,nn,A,7,3,80\n',
    )
    marks = canvas(marked, [NAME], path)
    assert rows(marks.text) == [
        ["Student", "ID", "SIS Login ID", "Section", f"{NAME} (9)"],
        ["    Points Possible", "", "", "", "4"],
        ["Owusu-Ansah, Abena", "101", "abena", "A", "4"],
    ]
    assert "999" in marks.notes[0]


def test_what_moodle_exported_is_filled_in(marked, tmp_path):
    path = tmp_path / "worksheet.csv"
    path.write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments\n"
        "Participant 5,Bilal Çelik,bilal@example.org,Submitted,,100.00,Yes,-,-,\n"
        "Participant 6,Chiara De Rossi,,Submitted,,100.00,Yes,-,-,\n"
        "Participant 7,No One,no@example.org,Submitted,3,100.00,Yes,-,-,kept\n",
        encoding="utf-8",
    )
    marks = moodle(marked, NAME, path)
    head, bilal, chiara, other = rows(marks.text)
    grade = head.index("Grade")
    assert (bilal[0], bilal[grade]) == ("Participant 5", "1.5")
    assert chiara[grade] == "" and (other[grade], other[-1]) == ("3", "kept")
    assert any("Participant 7" in note for note in marks.notes)
    assert any("maximum is 100.00" in note for note in marks.notes)


def test_moodle_by_e_mail(marked):
    head, *students = rows(moodle(marked, NAME).text)
    assert head == ["Email address", "Grade", "Feedback comments"]
    assert [s[:2] for s in students] == [["abena@example.org", "4"], ["bilal@example.org", "1.5"]]


def test_nbgraders_own_export(marked, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert main(["marks", "--to", "csv", "--out", str(out), "--course", str(marked)]) == 0
    table = list(csv.DictReader(out.open()))
    assert {row["student_id"]: row["score"] for row in table} == {
        "abena": "4.0",
        "bilal": "1.5",
        "chiara": "0.0",
    }


def test_a_name_that_is_a_formula(marked):
    with book(marked) as gradebook:
        gradebook.update_or_create_student("bilal", last_name="=HYPERLINK(1)", first_name="")
    assert "\n'=HYPERLINK(1)," in canvas(marked, [NAME]).text
