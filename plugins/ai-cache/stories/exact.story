# What is kept, what is answered from it, and what is not.

story   a repeated question is answered from the cache
given   upstream 200 application/json
        {"id": "c1", "model": "m-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris.\n\"Oui\""}, "finish_reason": "stop"}], "usage": {"total_tokens": 7}}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What is the capital of France?"}]}
expect  200 application/json
        x-cache-status: miss
        choices.0.message.content = "Paris.\n\"Oui\""
expect  upstream called once, note cache_status = miss
request POST /v1/chat/completions
        {"messages": [{"content": "What is the capital of France?", "role": "user"}],   "model": "m"}
expect  200 application/json
        x-cache-status: hit
        x-mynah-cache: exact; age=0
        choices.0.message.content = "Paris.\n\"Oui\""
        choices.0.finish_reason = stop
        usage.total_tokens = 7
        model = m-1
expect  upstream untouched, note cache_status = hit, metric ai_cache_hits = 1, metric ai_cache_misses = 1, metric ai_cache_kept = 1, metric ai_cache_tokens_saved = 7

story   an answer that came whole is streamed to who wants a stream
given   upstream 200 application/json
        {"id": "c1", "model": "m-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris"}, "finish_reason": "stop"}], "usage": {"total_tokens": 7}}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true, "stream_options": {"include_usage": true}}
expect  200 text/event-stream
        x-cache-status: hit
        body contains "\"delta\":{\"role\":\"assistant\",\"content\":\"Paris\"}"
        body contains "\"total_tokens\": 7"
        body contains "data: [DONE]"
expect  upstream untouched

story   a stream is kept whole, wherever the network cuts it, and given whole to who wants that
given   upstream 200 text/event-stream, cut every 1 byte
        data: {"id": "c1", "model": "m-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}

        : keep-alive

        data: {"id": "c1", "model": "m-1", "choices": [{"index": 0, "delta": {"content": "你"}}]}

        data: {"id": "c1", "model": "m-1", "choices": [{"index": 0, "delta": {"content": "好"}, "finish_reason": "stop"}]}

        data: {"id": "c1", "model": "m-1", "choices": [], "usage": {"total_tokens": 9}}

        data: [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
expect  200 text/event-stream
        x-cache-status: miss
        body contains [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200 application/json
        x-cache-status: hit
        choices.0.message.content = 你好
        usage.total_tokens = 9
expect  upstream untouched

story   the client does not wait for the keeping
given   redis store after 50ms
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Paris"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
expect  last byte after 100ms, metric ai_cache_kept = 1

story   who asks something else is not answered from the cache
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
request POST /v1/chat/completions
        {"model": "other", "messages": [{"role": "user", "content": "Hi"}]}
expect  upstream called once
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.5}
expect  upstream called once
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "system", "content": "Be rude."}, {"role": "user", "content": "Hi"}]}
expect  upstream called once
request POST /v1/chat/completions
        x-mse-consumer: bob
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  upstream called once
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "user": "someone", "stream": true}
expect  upstream untouched

story   what is not a whole answer is not kept
given   upstream 200 application/json
        {"choices": [{"message": {"content": "Par"}, "finish_reason": "length"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "cut short"}]}
expect  200
        x-cache-status: miss
given   upstream 200 application/json
        {"choices": [{"message": {"content": "x", "tool_calls": [{"id": "1"}]}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "calls a tool"}]}
expect  200
given   upstream 500 application/json
        {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "fails"}]}
expect  500
given   upstream 200 text/event-stream
        data: {"choices": [{"delta": {"content": "no end mark"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "no end mark"}], "stream": true}
expect  200
given   upstream 200 text/event-stream, breaks off after 90 bytes
        data: {"choices": [{"delta": {"content": "half"}, "finish_reason": "stop"}]}

        data: [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "breaks off"}], "stream": true}
expect  broken response
expect  metric ai_cache_kept = 0

story   kept answers vanish after their time
config  {"cache": {"serviceName": "redis.static", "cacheTTL": 60, "cacheKeyPrefix": "x:"}}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  metric ai_cache_kept = 1
given   upstream 200 application/json, after 61s
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "waits a minute"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  upstream called once

story   hits may have a form of one's own
config  {"responseTemplate": "{\"said\": \"%s\"}", "streamResponseTemplate": "data: {\"said\": \"%s\"}\n\n"}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "\"Oui\"\n100 %"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200 application/json
        said = "\"Oui\"\n100 %"
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
expect  200 text/event-stream
        body contains "data: {\"said\": \"\\\"Oui\\\"\\n100 %\"}"

story   what calls tools in a place of its own is not kept
config  {"cacheToolCallsFrom": "choices.0.delta.content.tool_calls"}
given   upstream 200 text/event-stream
        data: {"choices": [{"delta": {"content": "x"}}]}

        data: {"choices": [{"delta": {"content": {"tool_calls": [1]}}, "finish_reason": "stop"}]}

        data: [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
expect  200
expect  metric ai_cache_kept = 0
