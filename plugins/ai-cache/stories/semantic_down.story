# Embedder and index that do not work cost hits and nothing else.

story   an embedder that is down is a miss, and is left alone after some failures
given   call embedder fails
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes rust?"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes rain?"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes fog?"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes hail?"}]}
expect  200
        x-cache-status: miss
expect  call embedder untouched, metric ai_cache_embedder_errors = 3, metric ai_cache_misses_failed = 4, metric ai_cache_kept = 4

story   an embedder that was left alone is asked again
given   call embedder fails
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes rust?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes rain?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes fog?"}]}
given   upstream 200 application/json, after 6s
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes sleet?"}]}
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes hail?"}]}
expect  call embedder called once, call vectors called twice

story   a slow embedder is waited for no longer than allowed, and asked again when the answer is kept
given   call embedder POST /v1/embeddings = 200 application/json, after 300ms
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  first byte after 200ms, note cache_reason = "late: embedder", metric ai_cache_misses_late = 1
expect  call embedder called twice, call vectors called once

story   an embedder that is always late is not waited for, and vectors are kept nevertheless
given   call embedder POST /v1/embeddings = 200 application/json, after 300ms
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes rust?"}]}
expect  first byte after 200ms, call embedder called twice
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes rain?"}]}
expect  first byte after 200ms, call embedder called twice
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes fog?"}]}
expect  first byte after 200ms, call embedder called twice
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What causes hail?"}]}
expect  first byte after 0ms, note cache_reason = "late: embedder", call embedder called once, call vectors called once

story   a slow index is waited for no longer than allowed
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json, after 300ms
        {"code": 0, "output": []}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  first byte after 200ms, note cache_reason = "late: index", call embedder called once, call vectors called twice

story   store, embedder and index share one budget
config  {"lookupTimeout": 100}
given   redis store after 30ms
given   call embedder POST /v1/embeddings = 200 application/json, after 30ms
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json, after 30ms
        {"code": 0, "output": []}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  first byte after 100ms, note cache_reason = "late: index"

story   an embedder that answers an error is a miss
given   call embedder POST /v1/embeddings = 500 text/plain
        out of memory
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: embedder", metric ai_cache_embedder_errors = 1, metric ai_cache_kept = 1

story   an embedder that answers nonsense is a miss
given   call embedder POST /v1/embeddings = 200 application/json
        nonsense
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: embedder", metric ai_cache_embedder_errors = 1, metric ai_cache_kept = 1

story   an embedder that answers no vector is a miss
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": []}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: embedder", metric ai_cache_embedder_errors = 1, metric ai_cache_kept = 1

story   an embedder that answers words for numbers is a miss
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": ["a", "b"]}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: embedder", metric ai_cache_embedder_errors = 1, metric ai_cache_kept = 1

story   a text that the embedder does not take is no failure
given   call embedder POST /v1/embeddings = 422 application/json
        {"error": {"code": "unrepresentable-text"}}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  note cache_reason = "unmatchable: embedder", metric ai_cache_embedder_errors = 0, metric ai_cache_kept = 1

story   an index that answers an error is a miss
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 503 text/plain
        busy
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 503 text/plain
        busy
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: index", metric ai_cache_index_errors = 2, metric ai_cache_kept = 1

story   an index that answers nonsense is a miss
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        nonsense
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        nonsense
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: index", metric ai_cache_index_errors = 2, metric ai_cache_kept = 1

story   an index that answers a refusal is a miss
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2019, "message": "the vector has 2 dimensions, the collection 3"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": -2019, "message": "the vector has 2 dimensions, the collection 3"}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = "failed: index", metric ai_cache_index_errors = 2, metric ai_cache_kept = 1

story   a document that the index refuses is counted
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": -2019, "message": "another dimension"}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  metric ai_cache_index_errors = 1, log "another dimension"
