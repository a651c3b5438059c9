story   a key is masked wherever the stream is cut
given   upstream 200 text/event-stream, cut every 1 byte, 2ms apart
        data: your key is sk-abc_123, keep it

        data: sk sk- ssk-x
request GET /
expect  200 text/event-stream
        body contains your key is sk-*******, keep it
        body contains sk sk- ssk-*
expect  first byte after 0ms

story   a body in one piece is masked as well
config  {"prefix": "key="}
given   upstream 200 text/plain
        a=1&key=value&b=2
request GET /
expect  200
        body = a=1&key=*****&b=2
