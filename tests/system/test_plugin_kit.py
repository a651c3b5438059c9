# SPDX-License-Identifier: Apache-2.0
"""mynah plugin new, build and test, as an author uses them: with the compiler of the distribution."""
import json
import re

import pytest

from harness import configs
from harness.program import BINARY, run
from harness.raw import ask
from harness.until import until

KIT = BINARY.parent.parent / "sdk-kit/lib/libmynah.a"
needs_kit = pytest.mark.skipif(not KIT.exists(), reason="this preset builds no WebAssembly")


def kit(command, folder, **more):
    return run("plugin", command, str(folder), seconds=120, **more)


@pytest.fixture
def greeter(tmp_path):
    done = run("plugin", "new", "greeter", "--in", str(tmp_path))
    assert done.returncode == 0, done.stderr
    return tmp_path / "greeter"


def test_new_makes_a_folder_and_says_what_to_do_next(tmp_path):
    done = run("plugin", "new", "my-filter", "--in", str(tmp_path))

    assert done.returncode == 0 and "plugin test" in done.stdout
    made = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    assert made == ["my-filter/.gitignore", "my-filter/README.md", "my-filter/my_filter.cc", "my-filter/mynah.yaml",
                    "my-filter/stories/my_filter.story"]
    assert '.id = "my-filter"' in (tmp_path / "my-filter/my_filter.cc").read_text()


def test_new_leaves_what_is_there(greeter):
    done = run("plugin", "new", "greeter", "--in", str(greeter.parent))

    assert done.returncode == 1 and "exists already" in done.stderr


@pytest.mark.parametrize("name", ["", "Greeter", "9lives", "a/b", "..", "greeter-", "a" * 65])
def test_new_refuses_names_that_are_none(tmp_path, name):
    done = run("plugin", "new", name, "--in", str(tmp_path))

    assert done.returncode == 1 and "no name of a plug-in" in done.stderr
    assert not list(tmp_path.iterdir())


@needs_kit
def test_the_configuration_of_a_new_folder_is_good(greeter):
    assert kit("build", greeter).returncode == 0
    assert run("check", "--config", str(greeter / "mynah.yaml")).returncode == 0


@needs_kit
def test_a_new_plugin_builds_and_says_what_it_is(greeter):
    done = kit("build", greeter)

    assert done.returncode == 0, done.stderr
    assert "Greeter 0.1.0" in done.stdout and re.search(r"\d+\.\d KB, stage default, priority 100", done.stdout)
    checked = json.loads(run("plugin", "check", "--json", str(greeter / "build/greeter.wasm")).stdout)
    identity = json.loads(checked["identity"])
    assert checked["runs"] and identity["id"] == "greeter"
    assert identity["schema"]["properties"]["greeting"]["description"] == "what the header x-greeting says"
    assert checked["bytes"] < 20_000
    assert "| `greeting` | string, 1 to 100 bytes | \"hello\" | what the header x-greeting says |" in (
        greeter / "build/greeter.md").read_text()


@needs_kit
@pytest.mark.parametrize("plugin, most", [("hello", 20_000), ("page-cache", 120_000)])
def test_modules_stay_small(plugin, most):
    assert (KIT.parent.parent.parent / f"plugins/{plugin}.wasm").stat().st_size < most


@needs_kit
def test_stories_pass_and_fail_with_what_came_instead(greeter):
    passed = kit("test", greeter)
    story = greeter / "stories/greeter.story"
    story.write_text(story.read_text().replace("x-greeting: hello", "x-greeting: good night"))

    failed = kit("test", greeter)

    assert passed.returncode == 0 and "2 stories, 0 failed" in passed.stdout, passed.stderr
    assert failed.returncode == 1 and "2 stories, 1 failed" in failed.stdout
    assert "greeter.story:" in failed.stdout and "good night" in failed.stdout and "hello" in failed.stdout


@needs_kit
def test_a_mistake_is_shown_with_its_place(greeter):
    source = greeter / "greeter.cc"
    source.write_text(source.read_text().replace("x.next()", "x.nxet()"))

    done = kit("build", greeter)

    assert done.returncode == 1 and "greeter.cc:" in done.stderr and "nxet" in done.stderr
    assert not (greeter / "build/greeter.wasm").exists()


@needs_kit
@pytest.mark.parametrize("view", ["x.request().path()", "x.request().header_or(\"a\", \"b\")", "Secret(\"s\").reveal()",
                                  "Bytes().text()", "Bytes()"])
def test_a_view_that_outlives_what_it_looks_at_does_not_compile(greeter, view):
    source = greeter / "greeter.cc"
    source.write_text(source.read_text().replace("  Response& response", f"  const std::string_view view = {view};\n"
                                                 "  log_info(view);\n  Response& response"))

    done = kit("build", greeter)

    assert done.returncode == 1 and re.search("will be destroyed|call to deleted", done.stderr)


@needs_kit
def test_a_folder_without_sources_or_stories_is_refused(greeter, tmp_path):
    (greeter / "stories/greeter.story").unlink()

    assert "no story" in kit("test", greeter).stderr
    assert "no source" in kit("build", tmp_path).stderr
    assert "there is no folder" in kit("build", tmp_path / "nowhere").stderr


def test_without_a_compiler_it_says_what_to_install(greeter):
    done = kit("build", greeter, env={"MYNAH_WASM_CXX": "no-such-compiler"})

    assert done.returncode == 1
    assert "apt-get install clang-19" in done.stderr or "SDK is not beside" in done.stderr


@needs_kit
def test_a_running_gateway_takes_the_module_that_is_built_anew(greeter, start, origin):
    assert kit("build", greeter).returncode == 0
    config = configs.simple(origin.port)
    config["plugins"] = [{"id": "greeter", "wasm": str(greeter / "build/greeter.wasm")}]
    gateway = start(config)
    path = origin.case()
    assert ask(gateway.listener(), f"GET {path}").get("x-greeting") == "hello"
    source = greeter / "greeter.cc"
    source.write_text(source.read_text().replace('greeting = "hello"', 'greeting = "good evening"'))

    assert kit("build", greeter).returncode == 0

    until(lambda: ask(gateway.listener(), f"GET {path}").get("x-greeting") == "good evening", "the new module answers", 30)
