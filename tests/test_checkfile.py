"""What a check file leaves out of its key, and puts back."""

import pytest

from autograder.checks import EXERCISES, exercise
from autograder.checks.asking import pack
from autograder.checks.checkfile import filled
from autograder.release.checkfile import SEED, student_key


@pytest.mark.parametrize("name", EXERCISES)
def test_the_shortened_key_is_the_whole_key_again(name):
    this = exercise(name)
    whole, short = this.key(SEED), student_key(this)["probes"]
    for probe, cases in whole.items():
        for case, shortened in zip(cases, short[probe], strict=True):
            restored = filled(shortened)["wrong"]
            assert restored.keys() == case["wrong"].keys()
            for mistake, answers in case["wrong"].items():
                assert restored[mistake].keys() == answers.keys(), (probe, mistake)
                for answer, value in answers.items():
                    assert pack(restored[mistake][answer]) == pack(value), (probe, mistake, answer)
