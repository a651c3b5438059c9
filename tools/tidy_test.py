# SPDX-License-Identifier: Apache-2.0
"""Each rule of tidy.py finds its fault, names the place, and is silent about what is right."""
from pathlib import Path

import pytest

import tidy

HEAD = "// SPDX-License-Identifier: Apache-2.0\n// What this file is.\n"


@pytest.fixture
def check(tmp_path: Path):
    """Puts files into an empty tree and gives the messages about them."""

    def write_and_check(files: dict[str, str]) -> list[str]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tidy.Tree(tmp_path, sorted(files)).check()

    return write_and_check


def source(code: str) -> dict[str, str]:
    return {"sdk/a.cc": HEAD + code}


def test_a_clean_file_gives_no_message(check):
    assert check(source("int one() { return 1; }\n")) == []


@pytest.mark.parametrize("code, name", [
    ("std::thread worker;", "thread"),
    ("sleep_for(1s);", "sleep"),
    ("std::cout << 1;", "printf"),
    ("auto* p = new Thing();", "new"),
    ("delete p;", "delete"),
    ("auto self = shared_from_this();", "shared_from_this"),
    ("std::shared_ptr<Thing> p;", "shared_ptr"),
    ("std::regex pattern;", "regex"),
    ("throw 1;", "throw"),
    ("using namespace std;", "using-std"),
    ("auto t = std::chrono::steady_clock::now();", "now"),
    ("class PluginManager {};", "vague-name"),
    ("// FIXME: wrong", "fixme"),
    ("// TODO: later", "todo"),
    ("// This is currently slow.", "rots"),
])
def test_a_banned_word_is_named_with_its_place(check, code, name):
    messages = check(source(code + "\n"))

    assert len(messages) == 1
    assert messages[0].startswith("sdk/a.cc:3: ") and f"({name})" in messages[0]


@pytest.mark.parametrize("code", [
    "// A new thread throws; delete it.",
    'const char* text = "std::cout << new Thing";',
    'auto text = R"(delete p; throw)";',
    "Thing(const Thing&) = delete;",
    "std::shared_ptr<const Snapshot> held;",
    "new (place) Thing();",
    "// TODO(perf): keep it in one block",
    "using namespace std::chrono_literals;",
    "const long many = 1'000'000; // 'tis no string",
    "void operator delete(void* p) noexcept;",
])
def test_words_in_comments_strings_and_right_forms_are_fine(check, code):
    assert check(source(code + "\n")) == []


def test_an_escape_with_a_reason_switches_one_rule_off(check):
    assert check(source("auto* p = new A;  // tidy: allow new: the library takes it over\n")) == []
    assert check(source("// tidy: allow new: the library takes it over\nauto* p = new A;\n")) == []


def test_an_escape_without_a_reason_or_for_another_rule_does_nothing(check):
    assert len(check(source("auto* p = new A;  // tidy: allow new\n"))) == 1
    assert len(check(source("auto* p = new A;  // tidy: allow throw: no reason here\n"))) == 1


@pytest.mark.parametrize("code, found", [
    ("struct A {\n  std::string_view name;\n};\n", [4]),
    ("struct A {\n  std::string_view name = {};\n};\n", [4]),
    ("class A final : public B {\n public:\n  int f() { return 1; }\n\n private:\n  std::vector<std::string_view> v_;\n};\n",
     [8]),
    ("struct A {\n  std::string_view name() const;\n  static constexpr std::string_view kName = \"a\";\n};\n", []),
    ("void f(std::string_view text) {\n  std::string_view rest = text;\n}\n", []),
    ("struct A {\n  int f() {\n    std::string_view rest;\n    return 1;\n  }\n};\n", []),
    ("// tidy: allow string_view: the table is constant\nstruct A {\n  int x;\n};\n", []),
])
def test_a_view_that_a_class_keeps_is_found_and_a_local_one_is_not(check, code, found):
    messages = check(source(code))

    assert [int(message.split(":")[1]) for message in messages] == found


def test_a_source_begins_with_licence_and_sentence(check):
    assert "SPDX" in check({"sdk/a.cc": "int x;\n"})[0]
    assert "one sentence" in check({"sdk/a.cc": "// SPDX-License-Identifier: Apache-2.0\nint x;\n"})[0]
    assert "#pragma once" in check({"sdk/a.h": HEAD + "int x;\n"})[0]


def test_a_file_over_the_limit_of_lines_is_named(check):
    assert "over 600 lines" in check(source("int x;\n" * 600))[0]


TABLE = "| folder | may include |\n|---|---|\n| base | nothing of ours |\n| aio | base |\n| http, redis | aio, base |\n"


def test_an_include_against_the_table_is_named(check):
    messages = check({"ARCHITECTURE.md": TABLE, "src/aio/README.md": "Loops.\n",
                      "src/aio/a.cc": HEAD + '#include "base/result.h"\n#include "http/server.h"\n'})

    assert messages == ["src/aio/a.cc:4: aio may not include http: ARCHITECTURE.md says what it may include"]


def test_a_test_may_see_more_than_its_code(check):
    assert check({"ARCHITECTURE.md": TABLE, "src/aio/README.md": "Loops.\n",
                  "src/aio/a_test.cc": HEAD + '#include "http/server.h"\n'}) == []


def test_a_library_in_a_header_and_a_relative_include_are_named(check):
    messages = check({"src/aio/README.md": "Loops.\n",
                      "src/aio/a.h": HEAD + '#pragma once\n#include <openssl/ssl.h>\n#include "../b.h"\n'})

    assert ["S7" in messages[0], "root of the sources" in messages[1]] == [True, True]


def test_a_dead_link_is_named_and_a_live_one_is_not(check):
    messages = check({"docs/a.md": "[b](b.md) [c](c.md#part) [web](https://example.com) `[d](d.md)`\n", "docs/b.md": "b\n"})

    assert messages == ["docs/a.md:1: dead link: c.md is not there"]


def test_a_path_of_one_machine_and_a_registry_are_named(check):
    messages = check({"docs/a.md": "See /home/me/notes.\n\nFrom https://registry.npmjs.org/vite.\n"})

    assert ["machine-path" in messages[0], "registry-host" in messages[1]] == [True, True]


def test_folders_need_their_readme_and_plug_ins_a_story(check):
    messages = check({"src/aio/a.cc": HEAD, "plugins/greet/greet.cc": HEAD})

    assert [message.split(":")[0] for message in messages] == ["plugins/greet"] * 2 + ["src/aio"]


def test_golden_files_and_corpora_are_data(check):
    assert check({"tests/golden/a/b.in": "FIXME /home/me\n", "fuzz/sse_fuzz/1.txt": "FIXME\n"}) == []
