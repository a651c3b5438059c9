# What clients may ask of the cache, and what it leaves alone.

story   a request that is to skip the cache is neither answered nor kept
given   upstream 200 application/json
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        x-higress-skip-ai-cache: on
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: skip
expect  upstream called once, note cache_status = skip, metric ai_cache_kept = 0
request POST /v1/chat/completions
        cache-control: no-store
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: skip
expect  metric ai_cache_kept = 0

story   no-cache asks the model and keeps what it says
given   upstream 200 application/json
        {"choices": [{"message": {"content": "old"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "new"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        cache-control: no-cache
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: hit
        choices.0.message.content = new

story   only-if-cached never asks the model
request POST /v1/chat/completions
        cache-control: only-if-cached
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  504 application/json
        error.code = cache_miss
        x-cache-status: miss
expect  upstream untouched

story   an answer older than the client takes is asked for anew
given   upstream 200 application/json
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
given   upstream 200 application/json, after 30s
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "takes half a minute"}]}
request POST /v1/chat/completions
        cache-control: max-age=60
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: hit
        x-mynah-cache: exact; age=30
request POST /v1/chat/completions
        cache-control: max-age=20
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss

story   what is no chat request passes
given   upstream 200 application/json
        {"data": []}
request GET /v1/models
expect  200
        x-cache-status: skip
request POST /v1/embeddings
        {"model": "m", "input": "Hi"}
expect  200
        x-cache-status: skip
request POST /v1/chat/completions
        content-type: application/json

        this is no JSON
expect  upstream called once
        body = this is no JSON
