# What the gateway does by itself, without plug-ins.

story   a request reaches its service, and says by whom it came
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}], "routes": [{"name": "all", "service": "upstream"}]}
given   upstream 200 text/plain
        hello
request GET /a?b=c
expect  200 text/plain
        body = hello
        x-request-id: present
expect  upstream called once
        path = /a?b=c
        x-forwarded-host: story.example
        x-request-id: present
expect  note outcome = completed

story   nothing is asked where no route leads
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}], "routes": [{"name": "a", "match": {"path": {"prefix": "/a"}}, "service": "upstream"}]}
request GET /ab
expect  404 application/json
expect  upstream untouched, note outcome = no-route

story   a route answers by itself
config  {"routes": [{"name": "hello", "response": {"status": 418, "body": "short and stout"}}]}
request GET /
expect  418
        body = short and stout

story   headers and path are changed on the way
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}],
         "routes": [{"name": "v1", "match": {"path": {"prefix": "/old"}}, "service": "upstream",
                     "rewrite": {"prefix": "/new", "host": "inside.example"},
                     "request_headers": {"set": {"x-team": "a"}, "remove": ["cookie"]},
                     "response_headers": {"remove": ["server"]}}]}
given   upstream 200 text/plain
        server: secret

        ok
request GET /old/path
        cookie: a=b
expect  200
        server: absent
expect  upstream called once
        path = /new/path
        x-team: a
        cookie: absent
