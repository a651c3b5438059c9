#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs the tests: behind ./dev test.

Each suite builds what it needs, runs, and counts single cases. A suite that runs no case has failed, and so has one whose
build fails. The full output of each is kept in build/test-logs/; what failed is shown. The last line is the sum.

    MYNAH_FUZZ_SECONDS   how long each fuzz target runs (default 5)
"""
import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/test-logs"
DEPS = Path(os.environ.get("MYNAH_DEPS", Path.home() / ".cache/mynah"))
JOBS = str(os.cpu_count() or 2)
SHOWN = 60  # lines of each failure

# What a sanitizer finds ends the process with a stack that names functions.
ENVIRONMENT = os.environ | {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
    "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
    "TSAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
    "MYNAH_DEPS": str(DEPS),
    # Plug-ins of others, and where their compiled code is kept: compiling takes seconds each, loading milliseconds.
    "MYNAH_THIRD_PARTY_PLUGINS": str(DEPS / "third-party-plugins"),
    "MYNAH_TEST_CACHE": str(DEPS / "compiled-plugins"),
}


@dataclass
class Outcome:
    """What a suite came to."""

    passed: int = 0
    skipped: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)  # (case, what it said)
    seconds: float = 0

    def count(self) -> int:
        return self.passed + self.skipped + len(self.failures)


class Broken(Exception):
    """The suite could not run at all; the text says why."""


def run(log: str, *command: str, timeout: int = 3600, **more) -> subprocess.CompletedProcess:
    """Runs a command, its output into a log."""
    path = LOGS / log
    with path.open("a") as file:
        file.write(f"$ {' '.join(command)}\n")
        file.flush()
        try:
            return subprocess.run(command, cwd=more.pop("cwd", ROOT), stdout=file, stderr=subprocess.STDOUT,
                                  timeout=timeout, check=False, env=ENVIRONMENT | more.pop("env", {}))
        except subprocess.TimeoutExpired:
            raise Broken(f"over {timeout} seconds: {' '.join(command)}\n{tail(path)}") from None


def tail(path: Path, lines: int = SHOWN) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def build(preset: str, log: str, *targets: str) -> None:
    if not (ROOT / "build" / preset / "build.ninja").exists() and run(log, "cmake", "--preset", preset).returncode:
        raise Broken(f"cmake could not configure {preset}\n{tail(LOGS / log)}")
    if run(log, "cmake", "--build", f"build/{preset}", "--", *targets).returncode:
        text = (LOGS / log).read_text(errors="replace")
        first = text.find("FAILED:")
        raise Broken(f"the build of {preset} failed\n" + "\n".join(text[max(first, 0):].splitlines()[:SHOWN]))


def read_junit(path: Path) -> Outcome:
    """The cases of a report in JUnit's format, as ctest and pytest write it."""
    outcome = Outcome()
    for case in xml.parse(path).iter("testcase"):
        name = case.get("name", "?")
        if case.get("classname") and case.get("classname") != name:
            name = f"{case.get('classname')}.{name}"
        wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
        skipped = case.find("skipped")
        if wrong is not None or case.get("status") == "fail":
            said = [wrong.get("message", "") if wrong is not None else "", wrong.text if wrong is not None else "",
                    case.findtext("system-out") or ""]
            outcome.failures.append((name, "\n".join(text for text in said if text)))
        elif skipped is not None and "Unable to find" in (skipped.get("message") or ""):
            outcome.failures.append((name, skipped.get("message", "")))
        elif skipped is not None or case.get("status") in ("notrun", "disabled"):
            outcome.skipped += 1
        else:
            outcome.passed += 1
    return outcome


def ctest(suite: str, preset: str, *selection: str, targets: tuple[str, ...] = ()) -> Outcome:
    build(preset, f"{suite}.log", *targets)
    report = LOGS / f"{suite}.xml"
    done = run(f"{suite}.log", "ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "--no-tests=error",
               "-j", JOBS, "--output-junit", str(report), *selection)
    return trusted(report, done, LOGS / f"{suite}.log")


def trusted(report: Path, done: subprocess.CompletedProcess, log: Path) -> Outcome:
    """A report, which must exist and must agree with how its runner ended."""
    if not report.exists():
        raise Broken(f"no report was written\n{tail(log)}")
    outcome = read_junit(report)
    if done.returncode and not outcome.failures:
        outcome.failures.append(("the runner", f"ended with {done.returncode}\n{tail(log)}"))
    return outcome


def pytest(log: str, *tests: str, preset: str = "release") -> Outcome:
    """The files side by side, for whole-program tests wait more than they work; the tests of a file one after the other."""
    report = LOGS / f"{log}.xml"
    done = run(f"{log}.log", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=300", "-n", JOBS,
               "--dist", "loadfile", f"--junitxml={report}", *tests, env={"MYNAH_PRESET": preset})
    return trusted(report, done, LOGS / f"{log}.log")


def system() -> Outcome:
    build("release", "system.log")
    return pytest("system", "tests/system")


def asan() -> Outcome:
    """The unit suite, and the whole program where it reloads, drains, streams, fails and is under load."""
    units = ctest("asan", "asan")
    files = [f"tests/system/test_{name}.py" for name in ("lifecycle", "streaming", "upstream_faults", "hedging", "tracing")]
    whole = pytest("asan-system", *files, preset="asan")
    return Outcome(units.passed + whole.passed, units.skipped + whole.skipped, units.failures + whole.failures)


def fuzz() -> Outcome:
    """Every target for a few seconds, from its corpus; inputs of interest found on the way stay under build/."""
    build("asan", "fuzz.log", "fuzzers")
    outcome = Outcome()
    seconds = os.environ.get("MYNAH_FUZZ_SECONDS", "5")
    for target in sorted((ROOT / "build/asan/bin").glob("*_fuzz")):
        found, given = ROOT / "build/fuzz-corpus" / target.name, ROOT / "fuzz" / target.name
        found.mkdir(parents=True, exist_ok=True)
        (LOGS / f"{target.name}.log").unlink(missing_ok=True)
        done = run(f"{target.name}.log", str(target), f"-max_total_time={seconds}", "-seed=1", "-timeout=10",
                   "-rss_limit_mb=2048", f"-artifact_prefix={found}/", str(found),
                   *([str(given)] if given.is_dir() else []), timeout=int(seconds) + 300)
        if done.returncode:
            outcome.failures.append((target.name, tail(LOGS / f"{target.name}.log")))
        else:
            outcome.passed += 1
    return outcome


def lint() -> Outcome:
    """Each checker of ./dev check is a case; clang-tidy, which takes longer than all tests together, is for ./dev lint."""
    done = run("lint.log", sys.executable, "tools/lint.py", "check")
    said = (LOGS / "lint.log").read_text()
    outcome = Outcome(passed=len(re.findall(r"^      .*: clean$", said, re.M)))
    if done.returncode:
        outcome.failures.append(("./dev check", tail(LOGS / "lint.log")))
    return outcome


def console() -> Outcome:
    report = LOGS / "console.xml"
    done = run("console.log", "npm", "run", "--silent", "test", cwd=ROOT / "console",
               env={"CI": "true", "JUNIT_REPORT": str(report)})
    if report.exists():
        return trusted(report, done, LOGS / "console.log")
    if done.returncode:
        return Outcome(failures=[("npm test", tail(LOGS / "console.log"))])
    return Outcome(passed=1)


def has_console_tests() -> bool:
    package = ROOT / "console/package.json"
    return package.exists() and '"test"' in package.read_text()


# In the order of running: name, what it is, whether there is anything of it in the tree, how.
SUITES = {
    "unit": ("unit tests, stories and golden files, optimised build", lambda: True, lambda: ctest("unit", "release")),
    "tools": ("the repository's own tools", lambda: True, lambda: pytest("tools", "tools")),
    "system": ("the whole program, from outside", lambda: any((ROOT / "tests/system").glob("**/test_*.py")), system),
    "asan": ("unit tests and the whole program under the address and undefined-behaviour sanitizers", lambda: True, asan),
    "tsan": ("what runs on several threads, under the thread sanitizer", lambda: True,
             lambda: ctest("tsan", "tsan", "-L", "race", targets=("race_tests",))),
    "fuzz": ("each fuzz target for a few seconds", lambda: any(ROOT.glob("src/**/*_fuzz.cc")), fuzz),
    "console": ("the console's tests", has_console_tests, console),
    "lint": ("format and layout of the sources", lambda: True, lint),
}


def run_suite(name: str) -> Outcome:
    started = time.monotonic()
    for old in LOGS.glob(f"{name}.*"):
        old.unlink()
    try:
        outcome = SUITES[name][2]()
        if outcome.count() == 0:
            raise Broken("no test was found: a suite without tests is a mistake in its set-up")
    except Broken as reason:
        outcome = Outcome(failures=[(f"{name} could not run", str(reason))])
    outcome.seconds = time.monotonic() - started
    return outcome


def show_failures(name: str, outcome: Outcome) -> None:
    for case, said in outcome.failures:
        lines = said.strip().splitlines()
        if len(lines) > SHOWN:  # what happened stands at the top, how it ended at the bottom
            lines = [*lines[:SHOWN // 2], "…", *lines[-SHOWN // 2:]]
        print(f"\nFAILED {name}: {case}")
        print("\n".join(f"  {line}" for line in lines))
    if outcome.failures:
        print(f"  (all of it: build/test-logs/, alone: ./dev test {name})", flush=True)


def summary(outcomes: dict[str, Outcome]) -> str:
    rows = [f"{'suite':<10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for name, outcome in outcomes.items():
        rows.append(f"{name:<10}{outcome.passed:>8}{len(outcome.failures):>8}{outcome.skipped:>9}{outcome.seconds:>9.1f}")
    passed = sum(outcome.passed for outcome in outcomes.values())
    failed = sum(len(outcome.failures) for outcome in outcomes.values())
    skipped = sum(outcome.skipped for outcome in outcomes.values())
    closing = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    return "\n".join(rows) + f"\n\n{closing}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev test", description="builds and runs the tests")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="run these only")
    parser.add_argument("--list", action="store_true", help="name the suites")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(f"{name:<10}{what}" for name, (what, _, _) in SUITES.items()))
        return 0
    unknown = set(asked.suites) - set(SUITES)
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}: there are {', '.join(SUITES)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    outcomes = {}
    chosen = asked.suites or [name for name, (_, present, _) in SUITES.items() if present()]
    for number, name in enumerate(chosen, 1):
        print(f"  [{number}/{len(chosen)}] {name}: {SUITES[name][0]}", flush=True)
        outcomes[name] = run_suite(name)
        show_failures(name, outcomes[name])
    print("\n" + summary(outcomes), flush=True)
    return 1 if any(outcome.failures for outcome in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
