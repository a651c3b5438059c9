#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the compiler, the formatter and the linter cannot see. Run by ./dev lint and ./dev check.

Every message is one line, file:line: what is wrong and what to write instead. A rule that is wrong in one place is
switched off there, in the open: "tidy: allow NAME: reason" in a comment on that line or on the line above, or for a whole
file "tidy: allow-file NAME: reason" in its first comment.
"""
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

MAX_LINES = 600
CODE = {".cc", ".h"}
COMMENTED = CODE | {".py", ".sh", ".cmake", ".ts", ".tsx", ".svelte", ".vue"}
TEXT = COMMENTED | {".md", ".yaml", ".yml", ".json", ".story", ".txt", ".html", ".css", ".toml", ""}
# Bytes kept for tests, and files that tools write.
DATA = re.compile(r"^(tests/golden|fuzz)/.*(?<!\.cc)(?<!\.md)$|(^|/)(package-lock\.json|go\.sum|LICENSE|"
                  r"requirements-dev\.txt)$|\.generated\.")


class Ban(NamedTuple):
    name: str  # as an escape spells it
    pattern: str
    instead: str
    exempt: str = r"(?!)"  # paths where the rule does not hold


CODE_BANS = [
    Ban("thread", r"\bstd::j?thread\b", "a task in a Scope, or the pool of aio (C6)", r"^src/aio/|_test\.cc$"),
    Ban("sleep", r"\b(sleep_for|sleep_until|u?sleep|nanosleep)\s*\(", "co_await on a timer; in tests, simulated time"),
    Ban("printf", r"\b(printf|fprintf|puts|fputs|putchar)\s*\(|std::(cout|cerr|clog)\b|<iostream>",
        "the log; the command line prints in src/app", r"^src/app/|^(fuzz|bench|examples)/|_bench\.cc$"),
    Ban("unsafe-c", r"\b(sprintf|vsprintf|strcpy|strcat|strncpy|strtok|gets|atoi|atol|atof|alloca)\s*\(",
        "std::string, std::format or std::from_chars"),
    Ban("new", r"(?<!operator )\bnew\s+[A-Za-z_:]", "std::make_unique, or a value (O1)"),
    Ban("delete", r"(?<![=\w] )(?<!operator )\bdelete(\[\])?\s+[A-Za-z_*(:]", "std::unique_ptr, or a value (O1)"),
    Ban("shared_from_this", r"\b(enable_)?shared_from_this\b", "one owner (O1)"),
    Ban("shared_ptr", r"\bstd::(shared_ptr|make_shared)<(?!const\b)",
        "one owner; std::shared_ptr<const T> is for snapshots that several cores read (O1)"),
    Ban("regex", r"\bstd::w?regex\b|<regex>", "RE2"),
    Ban("throw", r"\bthrow\b", "Result<T> with an Error (E2)"),
    Ban("endl", r"\bstd::endl\b", "'\\n'"),
    Ban("using-std", r"\busing namespace std(?!::\w*literals)\b", "the names with std::"),
    Ban("now", r"\b(system|steady|high_resolution)_clock::now\b|\b(gettimeofday|time)\s*\((NULL|nullptr|0)?\)",
        "the clock that is handed in, so that tests can move it", r"^src/aio/|_bench\.cc$|^bench/|^src/base/time"),
    Ban("rand", r"\b(s?rand|random)\s*\(", "the random source that is handed in"),
    Ban("vague-name", r"\b(class|struct)\s+\w*(Manager|Helper|Utils?|Impl)\b", "the noun for what it is"),
]
TEXT_BANS = [
    Ban("fixme", r"\b(FIXME|XXX|HACK)\b", "TODO(perf|cleanup|protocol): what is to be done, or do it",
        r"^docs/STYLE\.md$"),
    Ban("todo", r"\bTODO\b(?!\((perf|cleanup|protocol)\): \S)", "TODO(perf|cleanup|protocol): what is to be done",
        r"^docs/STYLE\.md$"),
    Ban("rots", r"(?i)\b(currently|for now|at the moment|as of today|right now)\b", "what is true, without a date"),
    Ban("machine-path", r"(?<![\w.~$}>-])/(home|root|work|Users)/[\w.]", "a path inside the repository"),
    Ban("registry-host", r"https?://[\w.-]*(pypi|pythonhosted|npmjs|crates|maven|proxy\.golang|deb\.debian)",
        "the package's name; clients know where registries are"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
THIRD_PARTY = re.compile(r"^(boost|openssl|nghttp2|yaml-cpp|spdlog|rapidjson|sqlite3|wasmtime|wasm|CLI|re2|onnxruntime|"
                         r"benchmark)[/.]")
ESCAPE = re.compile(r"tidy: allow ([\w-]+): \S")
FIRST_COMMENT_LINES = 30
FILE_ESCAPE = re.compile(r"tidy: allow-file ([\w-]+): \S")  # in the first comment of a file: for all of it
MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+?)(#[^)]*)?\)")


def strip_code(text: str) -> str:
    """The code without its comments and the insides of its strings; lines stay where they are."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^\s()]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
                       re.DOTALL)

    def blank(match: re.Match) -> str:
        found = match.group(0)
        if found[0] == "'" and text[match.start() - 1:match.start()].isalnum():
            return found  # a separator of digits: 1'000'000
        inside = "\n" * found.count("\n")
        return f'"{inside}"' if found[0] in "\"R" else inside

    kept = "\n".join(line if INCLUDE.match(line) is None else line.replace('"', "\x00")
                     for line in text.split("\n"))
    return token.sub(blank, kept).replace("\x00", '"')


def view_members(code: str) -> Iterator[int]:
    """Lines where a class or a struct keeps a std::string_view, alone or in a container (O3)."""
    scopes: list[bool] = []  # whether each open brace is that of a class
    statement, started, line, depth = "", 1, 1, 0
    for char in code:
        if char == "\n":
            line += 1
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        if char == "{" and depth <= 0:
            scopes.append(bool(re.search(r"\b(class|struct|union)\b[^()=;]*$", statement)))
        elif char == "}" and depth <= 0:
            if scopes:
                scopes.pop()
        if char in "{};" and depth <= 0:
            kept = statement.replace("\n", " ")
            if (char != "}" and scopes[-1 - (char == "{"):][:1] == [True] and "(" not in kept
                    and re.search(r"\bstd::string_view\b[^;=]*\s\w+\s*(=.*)?$", kept)
                    and not re.search(r"\b(static|constexpr|using|typedef|friend)\b", kept)):
                yield started
            statement = ""
        elif statement or not char.isspace():
            started = line if not statement else started
            statement += char
            if re.fullmatch(r"(public|private|protected)\s*:", statement) or statement.startswith("#") and char == "\n":
                statement = ""


class Tree:
    """A repository's files, the layers it declares, and the messages found so far."""

    def __init__(self, root: Path, names: list[str]):
        self.root, self.names, self.messages = root, names, []
        self.layers = self.read_layers()

    def say(self, name: str, line: int, text: str) -> None:
        self.messages.append(f"{name}:{line}: {text}")

    def read_layers(self) -> dict[str, set[str]]:
        """The table of ARCHITECTURE.md: folder → folders that it may include."""
        page, layers = self.root / "ARCHITECTURE.md", {}
        rows = re.findall(r"^\|([^|]+)\|([^|]+)\|\s*$", page.read_text(), re.M) if page.exists() else []
        folders = {name.strip(" `") for left, _ in rows for name in left.split(",")}
        for left, right in rows:
            seen = {word for word in re.findall(r"[a-z]+", right) if word in folders}
            for name in left.split(","):
                layers[name.strip(" `")] = folders if "everything" in right else seen
        return layers

    def check(self) -> list[str]:
        for name in self.names:
            path = self.root / name
            if path.suffix in TEXT and path.is_file() and not path.is_symlink() and not DATA.search(name):
                self.check_file(name, path.read_text(errors="replace"))
        self.check_folders()
        return sorted(set(self.messages))

    def check_file(self, name: str, text: str) -> None:
        lines, suffix = text.split("\n"), Path(name).suffix
        if suffix in COMMENTED and len(lines) > MAX_LINES + 1:
            self.say(name, MAX_LINES + 1, f"over {MAX_LINES} lines: split off the part that has a name of its own")
        if suffix in COMMENTED or Path(name).name == "CMakeLists.txt":
            self.check_opening(name, lines)
        self.check_bans(name, lines, lines, TEXT_BANS)
        if suffix in CODE:
            code = strip_code(text)
            self.check_bans(name, code.split("\n"), lines, CODE_BANS)
            self.check_includes(name, lines)
            for line in view_members(code):
                if not self.allowed("string_view", lines, line - 1):
                    self.say(name, line, "a string_view as a member outlives its text: keep a std::string (O3)")
        if suffix == ".md":
            self.check_links(name, lines)

    def check_opening(self, name: str, lines: list[str]) -> None:
        start = 1 if lines[0].startswith("#!") else 0
        if "SPDX-License-Identifier: Apache-2.0" not in "".join(lines[start:start + 1]):
            return self.say(name, start + 1, "begin with: SPDX-License-Identifier: Apache-2.0, in a comment")
        if name.startswith("src/") and name.endswith("CMakeLists.txt"):
            return  # one declaration, which says it all
        if not re.match(r'\s*(//|#(?!include|pragma)|/\*|"""|<!--|\*)', "".join(lines[start + 1:start + 2])):
            self.say(name, start + 2, "after the licence, say in one sentence what this file is (S1)")
        if name.endswith(".h") and "#pragma once" not in lines:
            self.say(name, start + 2, "write #pragma once after the first comment")

    @staticmethod
    def allowed(rule: str, lines: list[str], index: int) -> bool:
        near = "\n".join(lines[max(0, index - 1):index + 1])
        return rule in ESCAPE.findall(near) + FILE_ESCAPE.findall("\n".join(lines[:FIRST_COMMENT_LINES]))

    def check_bans(self, name: str, searched: list[str], shown: list[str], bans: list[Ban]) -> None:
        if name.startswith("tools/tidy"):
            return  # the patterns themselves
        for ban in bans:
            if re.search(ban.exempt, name):
                continue
            pattern = re.compile(ban.pattern)
            for index, line in enumerate(searched):
                found = pattern.search(line)
                if found and not self.allowed(ban.name, shown, index):
                    self.say(name, index + 1, f"\"{found.group(0).strip()}\" ({ban.name}): use {ban.instead}")

    def check_includes(self, name: str, lines: list[str]) -> None:
        parts = name.split("/")
        layer = parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]
        # What runs stories and prints identities is a program of the host, not part of the SDK.
        sees = None if name.startswith("sdk/tools/") else self.layers.get(layer)
        testing = re.search(r"_(test|bench|fuzz|testing)\.(cc|h)$", name)
        for index, line in enumerate(lines):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, path = match.groups()
            top = path.split("/")[0]
            if quote == '"' and path.startswith("."):
                self.say(name, index + 1, f'include from the root of the sources: not "{path}"')
            elif quote == '"' and sees is not None and not testing and top in self.layers and top not in sees | {layer}:
                self.say(name, index + 1, f"{layer} may not include {top}: ARCHITECTURE.md says what it may include")
            elif (quote == "<" and name.endswith(".h") and parts[0] == "src" and THIRD_PARTY.match(path)
                  and not testing and not self.allowed("third-party", lines, index)):
                self.say(name, index + 1, f"<{path}> belongs into a .cc file: declare types of our own here (S7)")

    def check_links(self, name: str, lines: list[str]) -> None:
        fenced = False
        for index, line in enumerate(lines):
            fenced ^= line.lstrip().startswith("```")
            for target, _ in MARKDOWN_LINK.findall("" if fenced else re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:|#", target):
                    continue
                folder = self.root if target.startswith("/") else (self.root / name).parent
                if not (folder / target.lstrip("/")).exists():
                    self.say(name, index + 1, f"dead link: {target} is not there")

    def check_folders(self) -> None:
        have = set(self.names)
        for folder in sorted({name.split("/")[1] for name in have if re.match(r"src/\w+/.", name)}):
            if f"src/{folder}/README.md" not in have:
                self.say(f"src/{folder}", 1, "write README.md: what lives here, where to start, what must never come in")
        for folder in sorted({name.split("/")[1] for name in have if re.match(r"plugins/[\w-]+/.*\.cc$", name)}):
            if f"plugins/{folder}/README.md" not in have:
                self.say(f"plugins/{folder}", 1, "a plug-in needs README.md")
            if not any(re.match(rf"plugins/{folder}/stories/.*\.story$", name) for name in have):
                self.say(f"plugins/{folder}", 1, "a plug-in needs a story in stories/: ./dev plugin writes a first one")


def files_of(root: Path) -> list[str]:
    """What git knows or would add."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    messages = Tree(root, files_of(root)).check()
    print("\n".join(messages), end="\n" if messages else "")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
