"""The workflow that publishes: valid, pinned, and for any copy of the repository."""

import importlib.util
import re
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT

FILE = ROOT / ".github" / "workflows" / "publish.yml"
TEXT = FILE.read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load(TEXT)


def valid(path):
    command = [sys.executable, "-m", "check_jsonschema"]
    words = [*command, "--builtin-schema", "vendor.github-workflows", str(path)]
    return subprocess.run(words, capture_output=True, text=True)


@pytest.mark.skipif(
    importlib.util.find_spec("check_jsonschema") is None,
    reason="check-jsonschema, which brings the official schema, is not installed",
)
def test_it_keeps_to_the_official_schema(tmp_path):
    done = valid(FILE)
    assert done.returncode == 0, done.stdout
    (tmp_path / "bad.yml").write_text(TEXT.replace("runs-on", "runs-in"), encoding="utf-8")
    assert valid(tmp_path / "bad.yml").returncode != 0


def test_each_action_is_pinned_to_a_commit():
    uses = re.findall(r"uses: (.*)", TEXT)
    assert uses
    for line in uses:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line


def test_what_it_runs_is_there():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    runs = [step["run"] for step in WORKFLOW["jobs"]["build"]["steps"] if "run" in step]
    made = [run.removeprefix("make ") for run in runs if run.startswith("make ")]
    assert made[:2] == ["book", "test"] and set(made) <= set(targets)
    upload = WORKFLOW["jobs"]["build"]["steps"][-1]
    assert upload["with"]["path"] == "_build/html"


def test_it_names_no_repository_and_no_branch():
    """So a copy needs no edit; only its default branch is published, and no pull request is."""
    assert not re.search(r"github\.io|branches:|\bmain\b|\bmaster\b", TEXT)
    condition = WORKFLOW["jobs"]["publish"]["if"]
    assert "github.event_name != 'pull_request'" in condition
    assert "github.ref_name == github.event.repository.default_branch" in condition


def test_only_the_last_job_may_write():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in WORKFLOW["jobs"]["build"]
    assert WORKFLOW["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert WORKFLOW["jobs"]["publish"]["needs"] == "build"
