# SPDX-License-Identifier: Apache-2.0
"""Routes: what they match and which wins, rewrites, redirects, answers of the gateway's own, weights, header edits,
mirrors."""
import json

import pytest

from harness import configs
from harness.origin import fixed
from harness.program import Gateway
from harness.raw import ask
from harness.until import until


def says(name: str, **match) -> dict:
    """A route that answers with its own name."""
    return {"name": name, "match": match, "response": {"status": 200, "body": name}}


MATCHING = [
    says("any"),
    says("prefix", path={"prefix": "/v1"}),
    says("prefix-slash", path={"prefix": "/v2/"}),
    says("longer-prefix", path={"prefix": "/v1/chat"}),
    says("exact", path={"exact": "/v1/chat/exact"}),
    says("regex", hosts=["r.example"], path={"regex": "/r/[0-9]+"}),
    says("host", hosts=["api.shop"]),
    says("wild", hosts=["*.shop"]),
    says("host-prefix", hosts=["api.shop"], path={"prefix": "/v1"}),
    says("post", path={"prefix": "/m"}, methods=["POST"]),
    says("get", path={"prefix": "/m"}, methods=["GET", "HEAD"]),
    says("header", path={"prefix": "/h"}, headers=[{"name": "x-kind", "exact": "special"}]),
    says("header-regex", path={"prefix": "/h"}, headers=[{"name": "x-kind", "regex": "[a-c]+"}]),
    says("header-prefix", path={"prefix": "/h"}, headers=[{"name": "x-kind", "prefix": "zz"}]),
    says("header-absent", path={"prefix": "/h"}, headers=[{"name": "x-kind", "absent": True}]),
    says("query", path={"prefix": "/q"}, query=[{"name": "a", "exact": "1"}]),
    says("query-present", path={"prefix": "/q"}, query=[{"name": "b", "present": True}]),
    says("first", path={"prefix": "/same"}, headers=[{"name": "x", "present": True}]),
    says("second", path={"prefix": "/same"}, headers=[{"name": "y", "present": True}]),
]


@pytest.fixture(scope="module")
def matching(tmp_path_factory):
    with Gateway(configs.config(routes=MATCHING), tmp_path_factory.mktemp("matching")) as gateway:
        yield gateway.listener()


@pytest.mark.parametrize("head, name", [
    ("GET /", "any"), ("GET /v1", "prefix"), ("GET /v1/", "prefix"), ("GET /v1/x", "prefix"), ("GET /v1?x", "prefix"),
    ("GET /v1x", "any"), ("GET /v2", "any"), ("GET /v2/", "prefix-slash"), ("GET /v2/x", "prefix-slash"),
    ("GET /v1/chat", "longer-prefix"), ("GET /v1/chat/x", "longer-prefix"), ("GET /v1/chatter", "prefix"),
    ("GET /v1/chat/exact", "exact"), ("GET /v1/chat/exact?q", "exact"), ("GET /v1/chat/exact/", "longer-prefix"),
    ("GET /r/42\nhost: r.example", "regex"), ("GET /r/42x\nhost: r.example", "any"), ("GET /x/r/42\nhost: r.example", "any"),
    ("GET /r/42?q=1\nhost: r.example", "regex"),
    ("GET /\nhost: api.shop", "host"), ("GET /\nhost: API.Shop:8080", "host"), ("GET /\nhost: b.shop", "wild"),
    ("GET /\nhost: a.b.shop", "wild"), ("GET /\nhost: shop", "any"), ("GET /\nhost: xshop", "any"),
    ("GET /v1/x\nhost: api.shop", "host-prefix"), ("GET /v1x\nhost: api.shop", "host"),
    ("POST /m", "post"), ("GET /m", "get"), ("DELETE /m", "any"),
    ("GET /h\nx-kind: special", "header"), ("GET /h\nx-kind: abc", "header-regex"), ("GET /h\nx-kind: abcd", "any"),
    ("GET /h\nx-kind: zzz", "header-prefix"), ("GET /h", "header-absent"), ("GET /h\nX-KIND: special", "header"),
    ("GET /q?a=1", "query"), ("GET /q?x=2&a=1", "query"), ("GET /q?a=2", "any"), ("GET /q?a=11", "any"),
    ("GET /q?b", "query-present"), ("GET /q?b=3", "query-present"), ("GET /q", "any"),
    ("GET /same\nx: 1\ny: 1", "first"), ("GET /same\ny: 1", "second"),
])
def test_the_most_specific_route_wins(matching, head, name):
    assert ask(matching, head).text() == name


def test_without_a_route_there_is_nothing(start):
    gateway = start(configs.config(routes=[says("only", path={"prefix": "/only"})]))
    missing = ask(gateway.listener(), "GET /x")
    assert (missing.status, missing.get("content-type")) == (404, "application/json")
    error = json.loads(missing.body)["error"]
    assert error["code"] and error["message"]
    openai = json.loads(ask(gateway.listener(), "GET /v1/models").body)["error"]
    assert set(openai) >= {"message", "type", "code", "param"}
    assert ask(gateway.listener(), "GET /only").status == 200


def test_a_direct_response_has_what_it_says(start):
    gateway = start(configs.config(routes=[{"name": "r", "response": {"status": 418, "headers": {"x-a": "1"}, "body": "tea"}}]))
    response = ask(gateway.listener(), "POST /", b"x" * 1000)
    assert (response.status, response.body, response.get("x-a"), response.get("content-length")) == (418, b"tea", "1", "3")
    head = ask(gateway.listener(), "HEAD /")
    assert (head.status, head.get("content-length")) == (418, "3")


@pytest.mark.parametrize("redirect, location, status", [
    ({"scheme": "https"}, "https://a.example/p/x?q=1", 302),
    ({"host": "b.example", "status": "301"}, "http://b.example/p/x?q=1", 301),
    ({"host": "b.example", "port": 8443, "scheme": "https", "status": "308"}, "https://b.example:8443/p/x?q=1", 308),
    ({"path": "/new", "status": "303"}, "http://a.example/new?q=1", 303),
    ({"prefix": "/q", "status": "307"}, "http://a.example/q/x?q=1", 307),
])
def test_redirects(start, redirect, location, status):
    gateway = start(configs.config(routes=[{"name": "r", "match": {"path": {"prefix": "/p"}}, "redirect": redirect}]))
    response = ask(gateway.listener(), "GET /p/x?q=1\nhost: a.example")
    assert response.status == status
    answered = response.get("location")
    assert answered == location or answered == location.removeprefix("http://a.example"), answered


@pytest.mark.parametrize("rewrite, sent, seen", [
    ({"prefix": "/new"}, "/p/x?q=1", "/new/x?q=1"),
    ({"prefix": "/new"}, "/p", "/new"),
    ({"prefix": "/"}, "/p/x", "/x"),
    ({"prefix": "/"}, "/p", "/"),
    ({"prefix": "/new/"}, "/p/x", "/new/x"),
    ({"regex": {"pattern": "^/p/([a-z]+)/([0-9]+)$", "to": "/\\2/\\1"}}, "/p/abc/12?q=/p/x/1", "/12/abc?q=/p/x/1"),
    ({"host": "inner.example"}, "/p/x", "/p/x"),
])
def test_rewrites(start, origin, rewrite, sent, seen):
    gateway = start(configs.config([configs.service("s", origin.port)], [configs.route("r", "s", "/p", rewrite=rewrite)]))
    origin.forget()
    assert ask(gateway.listener(), f"GET {sent}\nhost: outer.example").status == 200
    request = origin.requests[-1]
    assert request.target == seen
    assert request.get("host") == rewrite.get("host", "outer.example")
    assert request.get("x-forwarded-host") == "outer.example"


def test_header_edits_run_in_order(start, origin):
    edits = {"remove": ["x-gone"], "set": {"x-set": "new"}, "add": {"x-add": "more"}}
    gateway = start(configs.config([configs.service("s", origin.port)],
                                   [configs.route("r", "s", request_headers=edits, response_headers=edits)]))
    path = origin.case(fixed(b"", 200, [("x-gone", "1"), ("x-set", "old"), ("x-add", "first"), ("x-stays", "1")]))
    response = ask(gateway.listener(), f"GET {path}\nx-gone: 1\nx-set: old\nx-set: older\nx-add: first\nx-stays: 1")
    for message in (origin.seen(path)[0], response):
        assert message.all("x-gone") == []
        assert message.all("x-set") == ["new"]
        assert message.all("x-add") == ["first", "more"]
        assert message.all("x-stays") == ["1"]


def test_weights_share_requests(start, origin):
    from harness.origin import Origin  # pylint: disable=import-outside-toplevel
    with Origin(default=fixed(b"a")) as a, Origin(default=fixed(b"b")) as b, Origin(default=fixed(b"c")) as c:
        route = {"name": "r", "services": [{"service": "a", "weight": 3}, {"service": "b"}, {"service": "c", "weight": 0}]}
        gateway = start(configs.config([configs.service("a", a.port), configs.service("b", b.port),
                                        configs.service("c", c.port)], [route]))
        got = [ask(gateway.listener(), "GET /").text() for _ in range(400)]
    assert 240 <= got.count("a") <= 360 and got.count("c") == 0, (got.count("a"), got.count("b"))


@pytest.mark.parametrize("policy", ["round_robin", "least_request"])
def test_endpoints_share_requests(start, policy):
    from harness.origin import Origin  # pylint: disable=import-outside-toplevel
    with Origin(default=fixed(b"a")) as a, Origin(default=fixed(b"b")) as b:
        service = configs.service("s", a.port, b.port, load_balancing={"policy": policy})
        gateway = start(configs.config([service], [configs.route("r", "s")]))
        got = [ask(gateway.listener(), "GET /").text() for _ in range(100)]
    assert 20 <= got.count("a") <= 80


def test_a_consistent_hash_keeps_to_an_endpoint(start):
    from harness.origin import Origin  # pylint: disable=import-outside-toplevel
    with Origin(default=fixed(b"a")) as a, Origin(default=fixed(b"b")) as b, Origin(default=fixed(b"c")) as c:
        service = configs.service("s", a.port, b.port, c.port, load_balancing={"policy": "consistent_hash", "header": "x-user"})
        gateway = start(configs.config([service], [configs.route("r", "s")]))
        homes = {}
        for user in range(60):
            got = {ask(gateway.listener(), f"GET /\nx-user: user-{user}").text() for _ in range(3)}
            assert len(got) == 1, f"user {user} is sent to {got}"
            homes[user] = got.pop()
    assert set(homes.values()) == {"a", "b", "c"}


def test_mirrors_get_copies_and_do_not_disturb(start, origin):
    from harness.origin import Origin  # pylint: disable=import-outside-toplevel
    with Origin(default=fixed(b"nobody sees this", 500)) as shadow:
        route = configs.route("r", "main", mirrors=[{"service": "shadow"}, {"service": "dead"}])
        gateway = start(configs.config([configs.service("main", origin.port), configs.service("shadow", shadow.port),
                                        configs.service("dead", 1)], [route]))
        path = origin.case()
        for number in range(5):
            response = ask(gateway.listener(), f"POST {path}?{number}", b"body %d" % number)
            assert response.status == 200 and b"nobody" not in response.body
        copies = shadow.await_seen(path, 5)
        until(lambda: sorted(each.body for each in shadow.seen(path)) == [b"body %d" % n for n in range(5)], "bodies of copies")
        assert sorted(each.target for each in copies) == [f"{path}?{n}" for n in range(5)]
    assert ask(gateway.listener(), f"GET {path}").status == 200, "a mirror that is gone does no harm"


def test_a_service_without_a_declaration_of_its_own_is_embedded(start):
    gateway = start(configs.config(routes=[configs.route("v1", "demo", "/v1/")]))
    body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}).encode()
    response = ask(gateway.listener(), "POST /v1/chat/completions\ncontent-type: application/json", body)
    assert response.status == 200
    assert json.loads(response.body)["choices"][0]["message"]["content"]


def test_a_name_is_resolved(start, origin):
    service = {"name": "named", "host": "localhost", "port": origin.port}
    gateway = start(configs.config([service, service | {"name": "as-asked", "host_header": "client"}],
                                   [configs.route("a", "named", "/case"), configs.route("b", "as-asked", "/other")]))
    path = origin.case()
    assert ask(gateway.listener(), f"GET {path}").status == 200
    assert origin.seen(path)[0].get("host") == f"localhost:{origin.port}"
    assert ask(gateway.listener(), "GET /other").status == 200
    assert origin.seen("/other")[-1].get("host") == "test.example"


def test_a_name_that_is_none_is_an_error(start):
    service = {"name": "named", "host": "no-such-name.invalid", "port": 80, "connect_timeout": "2s"}
    gateway = start(configs.config([service], [configs.route("a", "named")]))
    assert ask(gateway.listener(), "GET /").status in (502, 503)
