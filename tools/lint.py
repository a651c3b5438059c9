#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Formats and lints: behind ./dev fmt, ./dev lint and ./dev check.

    fmt                format every source in place
    check [--staged]   what takes seconds: the format of all (or of the staged) files, tidy.py, shell scripts
    lint               the same, then clang-tidy and the console's own linter

clang-tidy takes seconds a file, so a file that passed is not looked at again until it, a header of ours that it includes,
the configuration or the tool changes: build/lint/ keeps an empty file named by the hash of all these.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import tidy

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.prefix) / "bin"
KEPT = ROOT / "build/lint"
PRESET = "release"


def run(*command: str, cwd: Path = ROOT) -> tuple[bool, str]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def report(what: str, passed: bool, said: str = "", remedy: str = "") -> bool:
    print(f"      {what}: {'clean' if passed else 'FAILED'}", flush=True)
    if not passed:
        print(said.rstrip())
        if remedy:
            print(f"      {remedy}")
    return passed


def sources(names: list[str]) -> list[str]:
    return [name for name in names if name.endswith((".cc", ".h"))]


def staged() -> list[str]:
    _, listed = run("git", "diff", "--cached", "--name-only", "-z", "--diff-filter=ACMR")
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def check_format(names: list[str]) -> bool:
    files = sources(names)
    passed, said = run(str(BIN / "clang-format"), "--dry-run", "-Werror", *files) if files else (True, "")
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", said, re.M)))
    return report("format", passed, "\n".join(wrong) or said, "./dev fmt formats them")


def check_tidy(names: list[str]) -> bool:
    messages = tidy.Tree(ROOT, names).check()
    return report("tidy", not messages, "\n".join(messages))


def check_shell(names: list[str]) -> bool:
    files = [name for name in names if is_shell(ROOT / name)]
    if not files or not shutil.which("shellcheck"):
        return True
    return report("shell scripts", *run("shellcheck", "--external-sources", *files))


def is_shell(path: Path) -> bool:
    if path.suffix == ".sh":
        return True
    with path.open("rb") as file:
        return path.suffix == "" and re.match(rb"#!.*\b(ba)?sh\b", file.readline(80)) is not None


@cache
def included(name: str) -> frozenset[str]:
    """Headers of ours that a file includes, however deep."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for path in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', (ROOT / waiting.pop()).read_text(), re.M):
            for root in ("src", "sdk/include", "sdk"):
                header = f"{root}/{path}"
                if header not in found and (ROOT / header).is_file():
                    found.add(header)
                    waiting.append(header)
    return frozenset(found)


@cache
def digest(name: str) -> bytes:
    return hashlib.sha256((ROOT / name).read_bytes()).digest()


def compile_commands() -> list[dict]:
    """The build's commands, without the precompiled headers, which only the compiler that made them can read."""
    build = ROOT / "build" / PRESET
    if not (build / "compile_commands.json").exists():
        passed, said = run("cmake", "--preset", PRESET)
        if not passed:
            sys.exit(f"cmake could not configure {PRESET}:\n{said}")
    commands = json.loads((build / "compile_commands.json").read_text())
    for entry in commands:
        entry["command"] = re.sub(r" -Winvalid-pch| -fpch-\S+|( -Xclang -include-pch -Xclang \S+)", "", entry["command"])
    return [entry for entry in commands if not entry["file"].startswith(str(ROOT / "build"))]


def clang_tidy() -> bool:
    KEPT.mkdir(parents=True, exist_ok=True)
    commands = compile_commands()
    (KEPT / "compile_commands.json").write_text(json.dumps(commands))
    tool = run(str(BIN / "clang-tidy"), "--version")[1].encode() + (ROOT / ".clang-tidy").read_bytes()
    todo: dict[str, Path] = {}
    for entry in commands:
        name = str(Path(entry["file"]).relative_to(ROOT))
        key = hashlib.sha256(tool + entry["command"].encode())
        for part in (name, *sorted(included(name))):
            key.update(digest(part))
        passed = KEPT / key.hexdigest()
        if not passed.exists():
            todo[name] = passed

    def one(name: str) -> str:
        passed, said = run(str(BIN / "clang-tidy"), "--quiet", "-p", str(KEPT), name)
        if passed:
            todo[name].touch()
            return ""
        faults = re.findall(r"^/.*: (?:error|warning): .*", said, re.M)
        return "\n".join(in_tree(line) for line in faults) or said

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = {line for text in pool.map(one, sorted(todo)) if text for line in text.split("\n")}
    what = f"clang-tidy ({len(todo)} files, {len(commands) - len(todo)} known to be clean)"
    return report(what, not said, "\n".join(sorted(said)))


def in_tree(line: str) -> str:
    """A message about a header is about the file in src/, not about the link through which the compiler saw it."""
    return re.sub(rf"^{re.escape(str(ROOT))}/(build/\w+/view/\w+/)?", lambda m: "src/" if m.group(1) else "", line)


def console() -> bool:
    if not (ROOT / "console/package.json").exists():
        return True
    scripts = json.loads((ROOT / "console/package.json").read_text()).get("scripts", {})
    if "lint" not in scripts:
        return True
    return report("console", *run("npm", "run", "--silent", "lint", cwd=ROOT / "console"), remedy="see console/README.md")


def format_all(names: list[str]) -> bool:
    passed = report("format", *run(str(BIN / "clang-format"), "-i", *sources(names)))
    if (ROOT / "console/node_modules/.installed").exists():
        passed &= report("console", *run("npm", "run", "--silent", "fmt", cwd=ROOT / "console"))
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev", description="format and lint")
    parser.add_argument("what", choices=["fmt", "lint", "check"])
    parser.add_argument("--staged", action="store_true", help="format: look at staged files only")
    asked = parser.parse_args()
    names = tidy.files_of(ROOT)
    if asked.what == "fmt":
        return 0 if format_all(names) else 1
    checks = [lambda: check_format(staged() if asked.staged else names), lambda: check_tidy(names),
              lambda: check_shell(names)]
    if asked.what == "lint":
        checks += [clang_tidy, console]
    return 0 if all([check() for check in checks]) else 1


if __name__ == "__main__":
    sys.exit(main())
