# SPDX-License-Identifier: Apache-2.0
"""The configuration as the admin API changes it: in force when the answer comes, kept over a restart, refused whole;
users and tokens; who did what; hostile requests."""
import concurrent.futures
import json

import pytest
from harness import configs
from harness.admin import Admin, code
from harness.program import Gateway, run
from harness.raw import Connection, ask
from harness.until import until


@pytest.fixture(scope="module", name="gateway")
def fixture_gateway(origin, tmp_path_factory):
    with Gateway(configs.simple(origin.port), tmp_path_factory.mktemp("admin")) as running:
        yield running


@pytest.fixture(scope="module", name="admin")
def fixture_admin(gateway):
    return Admin(gateway)


def answering(status: int, path: str) -> dict:
    return {"match": {"path": {"exact": path}}, "response": {"status": status}}


def test_a_route_is_in_force_when_the_answer_comes_and_gone_when_it_is_removed(gateway, admin):
    made = admin.put("/routes/teapot", answering(418, "/teapot"))
    seen = ask(gateway.listener(), "GET /teapot").status
    again = admin.put("/routes/teapot", answering(418, "/teapot"))
    changed = admin.put("/routes/teapot", answering(410, "/teapot"))
    seen_changed = ask(gateway.listener(), "GET /teapot").status
    removed = admin.delete("/routes/teapot")

    assert (made.status_code, seen) == (201, 418), made.text
    assert (again.status_code, again.headers["etag"]) == (200, made.headers["etag"])
    assert (changed.status_code, seen_changed) == (200, 410)
    assert changed.headers["etag"] != made.headers["etag"]
    assert removed.status_code == 204
    assert ask(gateway.listener(), "GET /teapot").status not in (410, 418)
    assert admin.delete("/routes/teapot").status_code == 404


def test_an_object_is_shown_as_it_was_put_and_secrets_only_to_who_may_change_it(admin, gateway):
    body = {"match": {"path": {"exact": "/secret"}}, "service": "origin",
            "request_headers": {"set": {"authorization": "Bearer sk-secret"}}}
    admin.put("/routes/secret", body)
    reader = Admin(gateway, admin.put("/tokens/secrets-reader", {}).json()["token"])

    shown = admin.get("/routes/secret").json()
    hidden = reader.get("/routes/secret")
    listed = admin.get("/routes", params={"name": "secret"}).json()
    admin.delete("/routes/secret")

    assert shown["origin"] == "api" and shown["object"] == body
    assert hidden.status_code == 200 and "sk-secret" not in hidden.text
    assert listed["total"] == 1 and listed["items"][0]["origin"] == "api"


def test_an_object_of_the_file_is_changed_there(admin):
    put = admin.put("/routes/all", answering(404, "/"))
    delete = admin.delete("/services/origin")

    assert (put.status_code, code(put)) == (409, "in-file")
    assert (delete.status_code, code(delete)) == (409, "in-file")
    assert admin.get("/routes/all").json()["origin"] == "file"


def test_a_refused_object_is_named_with_its_field_and_nothing_is_kept(gateway, admin):
    refused = admin.put("/routes/bad", {"service": "nobody", "match": {"paht": 1}})
    needed = admin.put("/services/extra", {"endpoints": ["127.0.0.1:9"]})
    admin.put("/routes/needs", {"match": {"path": {"prefix": "/needs"}}, "service": "extra"})
    in_use = admin.delete("/services/extra")

    assert (refused.status_code, code(refused)) == (422, "invalid-argument")
    problems = {(problem["at"], problem["reason"]) for problem in refused.json()["error"]["details"]["problems"]}
    assert ("routes/bad", 'service: there is no service named "nobody"') in problems
    assert ("routes/bad", 'match: unknown field "paht"; did you mean "path"?') in problems
    assert admin.get("/routes/bad").status_code == 404
    assert needed.status_code == 201
    assert in_use.status_code == 422 and "routes/needs" in in_use.text
    assert admin.delete("/routes/needs").status_code == 204
    assert admin.delete("/services/extra").status_code == 204
    assert ask(gateway.console(), "GET /readyz").status == 200


def test_a_change_is_bound_to_the_version_that_its_author_saw(admin):
    first = admin.put("/routes/tagged", answering(410, "/tagged"), headers={"if-none-match": "*"})
    twice = admin.put("/routes/tagged", answering(411, "/tagged"), headers={"if-none-match": "*"})
    second = admin.put("/routes/tagged", answering(412, "/tagged"), headers={"if-match": first.headers["etag"]})
    late = admin.put("/routes/tagged", answering(413, "/tagged"), headers={"if-match": first.headers["etag"]})
    late_delete = admin.delete("/routes/tagged", headers={"if-match": first.headers["etag"]})
    nothing = admin.put("/routes/nothing", answering(410, "/"), headers={"if-match": "*"})

    assert first.status_code == 201 and second.status_code == 200
    assert [twice.status_code, late.status_code, late_delete.status_code, nothing.status_code] == [412] * 4
    assert admin.delete("/routes/tagged", headers={"if-match": second.headers["etag"]}).status_code == 204


def test_of_writers_at_the_same_time_one_wins(gateway, admin):
    tag = admin.put("/routes/raced", answering(410, "/raced")).headers["etag"]

    def write(status):
        return Admin(gateway).put("/routes/raced", answering(status, "/raced"), headers={"if-match": tag}).status_code

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(write, range(420, 428)))
    admin.delete("/routes/raced")

    assert statuses == [200] + [412] * 7


def test_what_is_kept_outlives_the_gateway_and_the_file_may_not_take_its_name(start, origin):
    gateway = start(configs.simple(origin.port))
    Admin(gateway).put("/routes/kept", answering(418, "/kept"))
    gateway.stop()
    (gateway.folder / "stdout").write_text("")

    gateway.start()
    seen = ask(gateway.listener(), "GET /kept").status
    config = gateway.config
    gateway.reload(config | {"routes": config["routes"] + [configs.route("kept", "origin", "/x")]})
    until(lambda: 'there is a second route named \\"kept\\"' in gateway.said(), "the log says why")
    still = ask(gateway.listener(), "GET /kept").status

    assert (seen, still) == (418, 418)


def test_a_plugin_that_does_not_start_is_refused_and_reloads_go_on(gateway, admin):
    bad = admin.put("/routes/file", answering(418, "/x") | {"wasm": "/etc/passwd"})

    assert bad.status_code == 422
    gateway.reload()
    assert admin.put("/routes/after", answering(418, "/after")).status_code == 201
    assert admin.delete("/routes/after").status_code == 204


def test_users_and_their_permissions(gateway, admin):
    made = admin.put("/users/mia", {"password": "battery staple", "permissions": ["manage"]})
    token = admin.put("/tokens/mia-ci", {"user": "mia", "scope": "write"}).json()["token"]
    mia = Admin(gateway, token)

    assert made.status_code == 201 and "password" not in made.json()
    assert mia.put("/routes/mias", answering(418, "/mias")).status_code == 201
    assert mia.delete("/routes/mias").status_code == 204
    assert mia.get("/users").status_code == 403
    assert mia.put("/tokens/steal", {"user": "admin", "scope": "write"}).status_code == 403
    assert admin.put("/users/mia", {}).json()["permissions"] == []
    assert mia.put("/routes/mias", answering(418, "/mias")).status_code == 403
    assert admin.delete("/users/mia").status_code == 204
    assert mia.get("/session").status_code == 401
    assert (code(admin.delete("/users/admin")), code(admin.put("/users/x y", {}))) == ("already-exists", "invalid-argument")


def test_the_audit_log_tells_who_did_what_from_where(admin):
    admin.put("/routes/audited", answering(418, "/audited"))
    admin.delete("/routes/audited")

    found = admin.get("/audit", params={"object": "routes/audited"}).json()

    assert found["total"] == 2
    removed, made = found["items"]
    assert (made["action"], removed["action"]) == ("put", "delete")
    assert made["who"] == "MYNAH_ADMIN_TOKEN" and made["by"] == "token" and made["from"] == "127.0.0.1"
    assert made["after"] == removed["before"] == answering(418, "/audited")
    assert admin.get("/audit", params={"limit": 1, "offset": 1}).json()["items"][0]["id"] < removed["id"] + 1


def test_events_tell_what_changes(gateway, admin):
    events = Admin(gateway).events()
    assert next(events)[0] == "comment"

    admin.put("/routes/told", answering(418, "/told"))
    admin.delete("/routes/told")

    heard = [next(events) for _ in range(4)]
    assert heard[0] == ("configuration", {"state": "in_force"})
    assert heard[1] == ("object", {"kind": "routes", "name": "told", "change": "put", "who": "MYNAH_ADMIN_TOKEN"})
    assert heard[3][1]["change"] == "delete"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"a"', b"\xff\xfe", b'{"a":' * 200 + b"1" + b"}" * 200,
                                  b'{"service":"origin","service":"origin"}', b'{"name":"other","service":"origin"}'])
def test_hostile_bodies_are_refused_and_harm_nothing(gateway, admin, body):
    response = admin.client.put("/routes/hostile", content=body, headers={"content-type": "application/json"})

    assert response.status_code in (400, 422), response.text
    assert admin.get("/routes/hostile").status_code == 404
    gateway.check()


def test_a_body_is_gathered_only_of_who_may_send_it_and_up_to_its_limit(gateway, admin):
    big = b'{"a":"' + b"a" * 100_000 + b'"}'
    with Connection(gateway.console()) as nobody:
        nobody.send(b"PUT /api/v1/routes/x HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
                    b"content-length: 60000\r\n\r\n")
        refused = nobody.read()

    assert refused.status == 401
    assert admin.client.put("/routes/x", content=big, headers={"content-type": "application/json"}).status_code == 413
    assert admin.client.put("/routes/x", content=b"a", headers={"content-type": "text/plain"}).status_code == 415


def test_names_are_decoded_and_judged(admin):
    odd = admin.put("/routes/a%2Fb", answering(418, "/odd"))
    zero = admin.put("/routes/a%00b", answering(418, "/odd"))

    assert odd.status_code in (201, 422) and zero.status_code == 400
    admin.delete("/routes/a%2Fb")


def test_one_changes_ones_own_password_by_the_old_one(gateway, admin):
    admin.put("/users/ben", {"password": "battery staple"})
    console = Admin(gateway, None).client
    logged_in = console.post("/session", json={"user": "ben", "password": "battery staple"})
    wrong = console.put("/session/password", json={"current": "wrong", "new": "another battery"})
    short = console.put("/session/password", json={"current": "battery staple", "new": "short"})
    changed = console.put("/session/password", json={"current": "battery staple", "new": "another battery"})

    assert logged_in.status_code == 201
    assert (wrong.status_code, short.status_code, changed.status_code) == (403, 422, 204)
    assert console.get("/session").status_code == 401
    assert console.post("/session", json={"user": "ben", "password": "another battery"}).status_code == 201
    admin.delete("/users/ben")


def test_a_client_that_goes_away_leaves_its_change_whole(gateway, admin):
    body = json.dumps(answering(418, "/left")).encode()
    head = (b"PUT /api/v1/routes/left HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nauthorization: Bearer "
            + admin.client.headers["authorization"].split()[1].encode() + b"\r\ncontent-length: %d\r\n\r\n" % len(body))
    with Connection(gateway.console()) as client:
        client.send(head + body)

    until(lambda: admin.get("/routes/left").status_code == 200, "the change is made")
    assert admin.get("/audit", params={"object": "routes/left"}).json()["total"] == 1
    assert admin.delete("/routes/left").status_code == 204


def test_another_gateway_on_the_same_data_refuses(gateway, tmp_path):
    file = tmp_path / "other.yaml"
    file.write_text(json.dumps(configs.config()))

    ended = run("run", "--config", str(file), "--data", str(gateway.folder / "data"))

    assert ended.returncode == 1
    assert "is in use by process" in ended.stderr


def test_logins_at_the_same_time_are_no_way_round_the_throttle(start, origin):
    gateway = start(configs.simple(origin.port))

    def guess(number):
        return Admin(gateway, None).client.post("/session", json={"user": "admin", "password": f"guess {number}"}).status_code

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(guess, range(16)))

    assert set(statuses) == {401, 429}, statuses
