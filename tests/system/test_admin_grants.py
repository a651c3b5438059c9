# SPDX-License-Identifier: Apache-2.0
"""Who may make which call of the admin API: every call of the description, whoever brought it, asked by everybody. Nothing
is changed: bodies are no good, and objects have names that nobody has."""
import json

import httpx
import pytest
from harness import configs
from harness.admin import Admin
from harness.program import Gateway

NOBODYS = "no-such-thing"

# The calls beyond reading, by hand: one that is added, or opened by mistake, shows here.
MANAGERS = {"PUT /api/v1/routes/{name}", "DELETE /api/v1/routes/{name}",
            "PUT /api/v1/services/{name}", "DELETE /api/v1/services/{name}"}
OWNERS = {"GET /api/v1/users", "GET /api/v1/users/{name}", "PUT /api/v1/users/{name}", "DELETE /api/v1/users/{name}",
          "GET /api/v1/audit"}


@pytest.fixture(scope="module", name="gateway")
def fixture_gateway(origin, tmp_path_factory):
    with Gateway(configs.simple(origin.port), tmp_path_factory.mktemp("grants")) as running:
        yield running


@pytest.fixture(scope="module", name="clients")
def fixture_clients(gateway):
    """HTTP clients by who asks with them."""
    owner = Admin(gateway)
    owner.put("/users/ben", {"password": "battery staple"})
    owner.put("/users/mia", {"password": "battery staple", "permissions": ["manage"]})

    def token(name, user, scope):
        made = owner.put(f"/tokens/{name}", {"user": user, "scope": scope})
        return Admin(gateway, made.json()["token"]).client

    revoked = token("revoked", "admin", "write")
    owner.delete("/tokens/revoked")
    session = Admin(gateway, None).client
    assert session.post("/session", json={"user": "mia", "password": "battery staple"}).status_code == 201
    return {"nobody": Admin(gateway, None).client, "wrong": Admin(gateway, "guess").client, "revoked": revoked,
            "viewer": token("viewer", "ben", "write"), "manager": token("manager", "mia", "write"),
            "manager's session": session, "plugins token": token("plugins", "mia", "plugins"),
            "read token": token("reader", "admin", "read"), "owner": owner.client}


def may(who: str, call: dict) -> bool:
    access, scope = call["x-access"], call["x-scope"]
    if access == "everybody":
        return True
    return {"nobody": False, "wrong": False, "revoked": False,
            "viewer": access == "account",
            "manager": access != "owner", "manager's session": access != "owner",
            "plugins token": access != "owner" and scope != "write",
            "read token": scope == "read",
            "owner": True}[who]


def calls(clients) -> list[tuple[str, str, dict]]:
    paths = clients["nobody"].get("/openapi.json").json()["paths"]
    return [(method.upper(), path, call) for path, methods in paths.items() for method, call in methods.items()
            if path != "/api/v1/events"]


def send(client: httpx.Client, method: str, path: str, call: dict) -> httpx.Response:
    url = f"{client.base_url.scheme}://{client.base_url.host}:{client.base_url.port}{path}"
    for parameter in call.get("parameters", []):
        url = url.replace("{%s}" % parameter["name"], NOBODYS)
    body = call.get("requestBody", {}).get("content", {})
    headers = {"content-type": next(iter(body))} if body else {}
    return client.request(method, url, content=b"{" if body else None, headers=headers)


WHO = ["nobody", "wrong", "revoked", "viewer", "manager", "plugins token", "read token", "owner", "manager's session"]


@pytest.mark.parametrize("who", WHO)
def test_every_call_is_granted_to_those_of_the_description_alone(clients, gateway, who):
    wrong = []
    for method, path, call in sorted(calls(clients), key=lambda each: each[1].endswith("/session")):
        response = send(clients[who], method, path, call)
        refused = response.status_code in (401, 403)
        if refused == may(who, call) or str(response.status_code) not in call["responses"]:
            wrong.append((method, path, response.status_code, response.text))

    assert not wrong, json.dumps(wrong, indent=1)
    gateway.check()


def test_what_is_granted_beyond_reading_is_this(clients):
    by_access = {access: {f"{method} {path}" for method, path, call in calls(clients)
                          if call["x-access"] == access and "/plugins" not in path}
                 for access in ("manager", "owner")}

    assert by_access == {"manager": MANAGERS, "owner": OWNERS}


def test_plugins_that_were_uploaded_are_for_managers(clients):
    beyond = {f"{method} {path}": call for method, path, call in calls(clients)
              if path.startswith("/api/v1/plugins") and method != "GET"}

    assert all(call["x-access"] == "manager" and call["x-scope"] == "plugins" for call in beyond.values()), beyond
