# Of equal questions at the same time, one reaches the model.

story   equal questions at once are asked once
given   upstream 200 application/json, after 40ms
        {"id": "c1", "model": "m-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris"}, "finish_reason": "stop"}], "usage": {"total_tokens": 7}}
request POST /v1/chat/completions, 100 at once
        {"model": "m", "messages": [{"role": "user", "content": "What is the capital of France?"}]}
expect  200 application/json
        x-cache-status: hit
        x-mynah-cache: joined; age=0
        choices.0.message.content = Paris
        usage.total_tokens = 7
expect  upstream called once, metric ai_cache_misses = 1, metric ai_cache_hits_joined = 99, metric ai_cache_kept = 1, metric ai_cache_tokens_saved = 693

story   equal questions that want a stream are asked once
given   upstream 200 text/event-stream, cut every 60 bytes, 5ms apart
        data: {"id": "c1", "model": "m-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Par"}}]}

        data: {"id": "c1", "model": "m-1", "choices": [{"index": 0, "delta": {"content": "is"}, "finish_reason": "stop"}]}

        data: [DONE]
request POST /v1/chat/completions, 20 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}
expect  200 text/event-stream
        x-cache-status: hit
        body contains [DONE]
expect  upstream called once, metric ai_cache_hits_joined = 19

story   questions that are not equal are asked each
given   upstream 200 application/json, after 40ms
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions, 5 at once
        cache-control: no-cache
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  upstream called 5 times

story   who is one too many asks the model
config  {"coalescing": {"waitersMax": 3}}
given   upstream 200 application/json, after 40ms
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions, 10 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  upstream called 7 times, metric ai_cache_hits_joined = 3

story   nobody waits longer than allowed
config  {"coalescing": {"timeout": 500}}
given   upstream 200 application/json, after 2s
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions, 3 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  first byte after 2500ms, upstream called 3 times

story   a leader that goes away hands over
given   upstream 200 application/json, after 40ms
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions, 10 at once, leaves after 20ms
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        choices.0.message.content = yes
expect  first byte after 60ms, upstream called twice, metric ai_cache_hits_joined = 8

story   a model that fails is asked by another, and then by everybody
given   upstream 500 application/json, after 10ms
        {"error": {"message": "no"}}
request POST /v1/chat/completions, 10 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  500
expect  first byte after 30ms, upstream called 10 times

story   an answer that is not to be kept is for one alone
given   upstream 200 application/json, after 10ms
        {"choices": [{"message": {"content": "Par"}, "finish_reason": "length"}]}
request POST /v1/chat/completions, 10 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: miss
expect  first byte after 20ms, upstream called 10 times

story   those who wait get what the store has, too
given   redis store after 20ms
given   upstream 200 application/json
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
request POST /v1/chat/completions, 10 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-mynah-cache: exact; age=0
expect  upstream untouched, metric ai_cache_hits_exact = 10

story   without a store questions are joined none the less
given   redis store down
given   upstream 200 application/json, after 10ms
        {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
request POST /v1/chat/completions, 10 at once
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
expect  upstream called once, metric ai_cache_hits_joined = 9
