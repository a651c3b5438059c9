# How long answers are good.

story   what depends on the time is kept for a short time
given   upstream 200 application/json
        {"choices": [{"message": {"content": "rain"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What is the weather in Oslo today?"}]}
expect  metric ai_cache_kept = 1
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What is the weather in Oslo today?"}]}
expect  200
        x-cache-status: hit
given   upstream 200 application/json, after 61s
        {"choices": [{"message": {"content": "sun"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Who painted the Night Watch?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What is the weather in Oslo today?"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Who painted the Night Watch?"}]}
expect  200
        x-cache-status: hit

story   what depends on the place or the person is not kept
given   upstream 200 application/json
        {"choices": [{"message": {"content": "there"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Which pharmacies are near me?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Where is my order?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "我的订单在哪里？"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "附近有什么好吃的？"}]}
expect  metric ai_cache_kept = 0, metric ai_cache_volatile = 4

story   how long such answers are kept can be said
config  {"volatile": {"time": 0, "place": -1, "person": 5}}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "there"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "今天北京天气怎么样？"}]}
expect  metric ai_cache_kept = 0
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Which pharmacies are near me?"}]}
expect  metric ai_cache_kept = 1
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Where is my order?"}]}
expect  metric ai_cache_kept = 2

story   a remark that names a time says nothing about the question
given   upstream 200 application/json
        {"choices": [{"message": {"content": "with a knife"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "My son asked me this today: How do I peel a mango?"}]}
given   upstream 200 application/json, after 61s
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "takes a minute"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "My son asked me this today: How do I peel a mango?"}]}
expect  200
        x-cache-status: hit

story   an answer past its time serves others while one asks anew
config  {"cache": {"cacheTTL": 60, "cacheTTLJitter": 0, "staleTTL": 60}}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "old"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
given   upstream 200 application/json, after 70s
        {"choices": [{"message": {"content": "new"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "takes a minute"}]}
given   upstream 200 application/json, after 2s
        {"choices": [{"message": {"content": "new"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions, 5 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-mynah-cache: exact; age=70; stale
        choices.0.message.content = old
expect  upstream called once, first byte after 0ms, metric ai_cache_stale_hits = 4
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        choices.0.message.content = new
expect  upstream untouched

story   an answer past its time stands in for a model that fails
config  {"cache": {"cacheTTL": 60, "cacheTTLJitter": 0, "staleTTL": 60}}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "old"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
given   upstream 503 application/json, after 70s
        {"error": {"message": "no"}}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "takes a minute"}]}
expect  503
given   upstream 503 application/json
        {"error": {"message": "no"}}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
expect  200 text/event-stream
        x-cache-status: hit
        body contains old
expect  upstream called once, metric ai_cache_stale_hits = 1
