# Services that fail or are slow. Time is simulated, so that waiting costs nothing.

story   what broke off is asked again
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}],
         "routes": [{"name": "all", "service": "upstream", "retry": {"attempts": 2, "budget_min": 10}}]}
given   upstream refuses
request GET /
expect  502 application/json
expect  upstream called 3 times

story   what is not idempotent is asked once
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}],
         "routes": [{"name": "all", "service": "upstream", "retry": {"attempts": 2, "budget_min": 10}}]}
given   upstream refuses
request POST /
        x
expect  502
expect  upstream called once

story   a slow service gets a second request beside the first
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}],
         "routes": [{"name": "all", "service": "upstream", "hedge": {"after": "100ms"}}]}
given   upstream 200 text/plain, after 250ms
        late
request GET /
expect  200, first byte after 250ms
expect  upstream called twice

story   an exchange has its time
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}],
         "routes": [{"name": "all", "service": "upstream", "timeouts": {"overall": "2s"}}]}
given   upstream silent
request GET /
expect  504 application/json, first byte after 2000ms
expect  note outcome = timed-out

story   a response that breaks off is not a whole one
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}], "routes": [{"name": "all", "service": "upstream"}]}
given   upstream 200 text/plain, breaks off after 3 bytes
        hello
request GET /
expect  broken response, note outcome = service-broke-off

story   a stream passes as it comes
config  {"services": [{"name": "upstream", "endpoints": ["127.0.0.1:1"]}], "routes": [{"name": "all", "service": "upstream"}]}
given   upstream 200 text/event-stream, cut every 9 bytes, 40ms apart
        data: 1

        data: 2

        data: 3
request GET /
expect  200 text/event-stream, pieces 3, first byte after 0ms, last byte after 80ms
