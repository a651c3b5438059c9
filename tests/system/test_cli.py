# SPDX-License-Identifier: Apache-2.0
"""The command line: help, version, exit statuses, check."""
import json
import subprocess

import pytest

from harness import configs
from harness.program import BINARY, PLAIN_ENVIRONMENT, run
from harness.raw import ask, can_connect
from harness.until import until


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "--help"]])
def test_help(arguments):
    done = run(*arguments)
    assert done.returncode == 0 and "mynah" in done.stdout and not done.stderr


def test_the_help_names_the_commands():
    said = run("--help").stdout
    for command in ("run", "check", "version"):
        assert command in said


def test_version():
    for arguments in (["version"],):
        done = run(*arguments)
        assert done.returncode == 0 and "mynah" in done.stdout.lower() and any(char.isdigit() for char in done.stdout)


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run", "--dance"], ["check"], ["run", "--config"], ["check", "a", "b"]])
def test_wrong_usage(arguments):
    done = run(*arguments)
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_check_passes_a_good_file(tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(json.dumps(configs.simple(1)))
    done = run("check", "--config", str(file))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text, said", [
    ("gateway:\n  workres: 2\n", ["2:3", "workers"]),
    ("gateway:\n  workers: many\n", ["2:12"]),
    ("services:\n  - {name: a, endpoints: [nonsense]}\n", ["2:"]),
    ("[", ["1:"]),
])
def test_check_names_the_place(tmp_path, text, said):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    done = run("check", "--config", str(file))
    assert done.returncode == 1
    assert "bad.yaml:" in done.stderr + done.stdout
    for word in said:
        assert word in done.stderr + done.stdout


def test_check_of_no_file(tmp_path):
    done = run("check", "--config", str(tmp_path / "none.yaml"))
    assert done.returncode == 1 and "none.yaml" in done.stderr


def test_run_refuses_a_bad_file(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("routes:\n  - {name: x, service: nowhere}\n")
    done = run("run", "--config", str(file), "--data", str(tmp_path / "data"))
    assert done.returncode == 1 and "bad.yaml:2:" in done.stderr and "nowhere" in done.stderr


def test_run_refuses_an_address_that_is_taken(tmp_path, origin):
    config = configs.simple(origin.port, listeners=[{"address": f"127.0.0.1:{origin.port}"}])
    file = tmp_path / "taken.yaml"
    file.write_text(json.dumps(config))
    done = run("run", "--config", str(file), "--data", str(tmp_path / "data"))
    assert done.returncode == 1 and str(origin.port) in done.stderr


def test_values_come_from_the_environment(start, tmp_path):
    config = configs.config(routes=[{"name": "r", "response": {"body": "${GREETING:-hello} from ${WHO}"}}])
    gateway = start(config, env={"WHO": "here"})
    assert ask(gateway.listener(), "GET /").text() == "hello from here"


def test_without_a_file_the_demo_is_served_and_its_answers_are_kept(tmp_path):
    """Only when the ports of the contract are free."""
    def question(text: str):
        body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": text}]}).encode()
        return ask(("127.0.0.1", 8080), "POST /v1/chat/completions\ncontent-type: application/json", body)

    if can_connect(("127.0.0.1", 8080)) or can_connect(("127.0.0.1", 8001)):
        pytest.skip("the ports are taken")
    out = tmp_path / "out"
    with out.open("wb") as log, subprocess.Popen([str(BINARY), "run", "--data", str(tmp_path / "data")], stdout=log,
                                                 stderr=subprocess.STDOUT, env=PLAIN_ENVIRONMENT, cwd=tmp_path) as process:
        try:
            until(lambda: b"\nready" in b"\n" + out.read_bytes() or process.poll() is not None, "ready", 30)
            assert process.poll() is None, out.read_text()
            first = question("How do I peel a mango?")
            assert first.status == 200 and first.get("x-cache-status") == "miss", first
            until(lambda: 'ai_cache_kept"} 1' in ask(("127.0.0.1", 8001), "GET /metrics").text(), "the answer is kept")
            second = question("Could you please tell me how to peel a mango? Thanks!")
            assert (second.get("x-mynah-cache") or "").startswith("semantic; "), second
        finally:
            process.terminate()
            process.wait(20)
