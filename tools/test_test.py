# SPDX-License-Identifier: Apache-2.0
"""The test driver counts what a report says, and never takes a run without tests for a success."""
import subprocess
from pathlib import Path

import pytest

import test as driver

REPORT = """<testsuite>
  <testcase name="Sse.Waits" classname="Sse.Waits" status="run"/>
  <testcase name="Sse.Breaks" classname="Sse.Breaks" status="fail"><failure message="Failed"/>
    <system-out>expected 1</system-out></testcase>
  <testcase name="Sse.Later" classname="Sse.Later" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
  </testcase>
  <testcase name="http_test_NOT_BUILT" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    return path


def test_each_case_of_a_report_is_counted(report):
    outcome = driver.read_junit(report)

    assert (outcome.passed, outcome.skipped) == (1, 1)
    assert [name for name, _ in outcome.failures] == ["Sse.Breaks", "http_test_NOT_BUILT"]
    assert "expected 1" in outcome.failures[0][1]


def test_a_runner_that_fails_without_a_failing_case_is_a_failure(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text('<testsuite><testcase name="a" status="run"/></testsuite>')

    outcome = driver.trusted(path, subprocess.CompletedProcess([], 8), path)

    assert [name for name, _ in outcome.failures] == ["the runner"]


def test_a_missing_report_breaks_the_suite(tmp_path):
    log = tmp_path / "log"
    log.write_text("crashed\n")

    with pytest.raises(driver.Broken, match="crashed"):
        driver.trusted(tmp_path / "none.xml", subprocess.CompletedProcess([], 0), log)


def test_a_suite_without_tests_has_failed(monkeypatch, tmp_path):
    monkeypatch.setattr(driver, "LOGS", tmp_path)
    monkeypatch.setitem(driver.SUITES, "none", ("nothing", lambda: True, driver.Outcome))

    outcome = driver.run_suite("none")

    assert len(outcome.failures) == 1 and "no test was found" in outcome.failures[0][1]


def test_the_closing_line_is_the_sum(report):
    text = driver.summary({"one": driver.read_junit(report), "two": driver.Outcome(passed=2)})

    assert text.splitlines()[-1] == "3 passed, 2 failed, 1 skipped"
