story   the usage at a stream's end is counted, wherever the network cuts it
given   upstream 200 text/event-stream, cut every 1 byte
        data: {"choices": [{"delta": {"content": "你好"}}]}

        data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}

        data: [DONE]
request POST /v1/chat/completions
        {"stream": true}
expect  200 text/event-stream
        body contains 你好
        body contains [DONE]
expect  note tokens = 7, metric token_counter_tokens = 7

story   a stream is not held up
given   upstream 200 text/event-stream, cut at 8 20, after 10ms, 5ms apart
        data: {"a": 1}

        data: {"b": 2}
request POST /v1/chat/completions
expect  first byte after 10ms, last byte after 20ms, pieces 3

story   a plain answer is counted too
given   upstream 200 application/json, cut at 5 9
        {"usage": {"total_tokens": 12}}
request POST /v1/chat/completions
expect  200 application/json
        usage.total_tokens = 12
expect  note tokens = 12

story   an upstream that breaks off breaks off for the client as well
given   upstream 200 text/event-stream, breaks off after 10 bytes
        data: {"a": 1}
request POST /v1/chat/completions
expect  broken response, note tokens absent
