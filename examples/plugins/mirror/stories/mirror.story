story   both get the request, and the client waits for one
config  {"service": {"serviceName": "shadow"}}
given   upstream 200 text/plain
        answer
given   call shadow POST /things?n=1 = 500 text/plain, after 50ms
        whatever
request POST /things?n=1, cut every 2 bytes
        content-type: application/json

        {"a": 1}
expect  200
        body = answer
expect  last byte after 0ms, upstream called once
expect  call shadow called once
        body = {"a": 1}
expect  metric mirror_sent = 1

story   a service that is not there is not noticed
config  {"service": {"serviceName": "shadow"}}
given   call shadow refuses
request GET /
expect  200
expect  metric mirror_lost = 1
