# A store that does not work is no reason not to answer.

story   a store that is down is a miss
given   redis store down
given   upstream 200 application/json
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  upstream called once, metric ai_cache_store_errors = 2, log "so the cache does without"

story   a store that the gateway does not know is a miss
given   redis store refuses
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  upstream called once

story   a slow store is waited for no longer than allowed
config  {"lookupTimeout": 80}
given   redis store after 500ms
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  first byte after 80ms, upstream called once

story   what the store holds instead of an answer is a miss
given   redis store "higress-ai-cache:6d3e" = "nonsense"
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  upstream called once

story   a client that leaves during the look-up leaves nothing behind
given   redis store after 50ms
request POST /v1/chat/completions, leaves after 10ms
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  no response, upstream untouched

story   a client that leaves during the answer does not spoil the cache
given   upstream 200 text/event-stream, cut at 60, 50ms apart
        data: {"choices": [{"delta": {"content": "Pa"}}]}

        data: {"choices": [{"delta": {"content": "ris"}, "finish_reason": "stop"}]}

        data: [DONE]
request POST /v1/chat/completions, leaves after 10ms
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
expect  broken response
expect  metric ai_cache_kept = 0

story   a client that leaves when the stream has said its last word does not spoil the cache
given   upstream 200 text/event-stream, cut at 95, 50ms apart
        data: {"choices": [{"delta": {"content": "Paris"}, "finish_reason": "stop"}]}

        data: [DONE]

        : the end of the body is still to come
request POST /v1/chat/completions, leaves after 20ms
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: hit
