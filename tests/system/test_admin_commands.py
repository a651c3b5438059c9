# SPDX-License-Identifier: Apache-2.0
"""`mynah user`, `mynah token`, `mynah backup` and `mynah restore`, on a running gateway."""
import json

import pytest
from harness import configs
from harness.admin import Admin
from harness.program import ADMIN_TOKEN, Gateway, run


@pytest.fixture(scope="module", name="gateway")
def fixture_gateway(origin, tmp_path_factory):
    with Gateway(configs.simple(origin.port), tmp_path_factory.mktemp("commands")) as running:
        yield running


@pytest.fixture(scope="module", name="mynah")
def fixture_mynah(gateway):
    """mynah(words…) runs a command against the gateway, as the owner."""
    server = "http://%s:%d" % gateway.console()

    def command(*words, token=ADMIN_TOKEN, stdin=""):
        return run(*words, "--server", server, env={"MYNAH_TOKEN": token}, stdin=stdin)

    return command


def test_a_token_is_made_used_listed_and_revoked(mynah):
    made = mynah("token", "create", "ci", "--scope", "write", "--expires-in", "90d")
    token = made.stdout.strip()
    used = mynah("token", "list", "--json", token=token)
    listed = mynah("token", "list")
    revoked = mynah("token", "revoke", "ci")
    over = mynah("token", "list", token=token)

    assert made.returncode == 0 and token.startswith("mynah_"), made.stderr
    entry = json.loads(used.stdout)[0]
    assert (entry["name"], entry["user"], entry["scope"]) == ("ci", "admin", "write") and "expires" in entry
    assert "ci" in listed.stdout and token not in listed.stdout
    assert revoked.returncode == 0
    assert (over.returncode, over.stdout) == (1, "") and "--token" in over.stderr


def test_a_user_is_made_gets_a_password_and_goes(mynah, gateway):
    made = mynah("user", "create", "mia", "--permission", "manage", stdin="battery staple\n")
    password = mynah("user", "password", "mia", stdin="another battery\n")
    login = Admin(gateway, None).client.post("/session", json={"user": "mia", "password": "another battery"})
    listed = json.loads(mynah("user", "list", "--json").stdout)
    removed = mynah("user", "delete", "mia")

    assert [made.returncode, password.returncode, removed.returncode] == [0, 0, 0], made.stderr + password.stderr
    assert login.status_code == 201 and login.json()["permissions"] == ["manage"]
    assert [user["name"] for user in listed] == ["admin", "mia"]


def test_what_is_refused_says_why(mynah):
    short = mynah("user", "create", "mia", stdin="short\n")
    unknown = mynah("user", "delete", "nobody")
    period = mynah("token", "create", "x", "--expires-in", "soon")
    away = run("user", "list", "--server", "http://127.0.0.1:1", "--token", "x")

    assert short.returncode == 1 and "8 to 1024 bytes" in short.stderr
    assert unknown.returncode == 1 and "there is no user nobody" in unknown.stderr
    assert period.returncode == 1 and "90d" in period.stderr
    assert away.returncode == 1 and "127.0.0.1:1" in away.stderr


@pytest.mark.parametrize("words", [("user",), ("token", "create"), ("token", "list", "--jsno"), ("backup",)])
def test_wrong_usage_is_status_two(words):
    assert run(*words).returncode == 2


def test_a_backup_of_a_running_gateway_starts_another_one(mynah, gateway, start, tmp_path):
    admin = Admin(gateway)
    admin.put("/routes/kept", {"match": {"path": {"exact": "/kept"}}, "response": {"status": 418}})
    token = mynah("token", "create", "survivor").stdout.strip()

    saved = run("backup", str(tmp_path / "b.tar"), "--data", str(gateway.folder / "data"))
    again = run("backup", str(tmp_path / "b.tar"), "--data", str(gateway.folder / "data"))
    refused = run("restore", str(tmp_path / "b.tar"), "--data", str(gateway.folder / "data"))
    restored = run("restore", str(tmp_path / "b.tar"), "--data", str(tmp_path / "gateway0" / "data"))

    assert saved.returncode == 0, saved.stderr
    assert again.returncode == 1 and "b.tar" in again.stderr
    assert refused.returncode == 1 and "in use" in refused.stderr
    assert restored.returncode == 0, restored.stderr
    other = Admin(start(gateway.config | configs.config()), token)
    assert other.get("/routes/kept").json()["origin"] == "api"
    assert other.get("/session").json()["user"] == "survivor"
