# Questions in other words. Vectors are scripted, so that the gate alone decides; names of answers are digests of the
# request, which the scripted index has to know.

story   a question in other words is answered from the cache
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "With care."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  200
        x-cache-status: miss
expect  note cache_reason = unknown, metric ai_cache_kept = 1, metric ai_cache_misses_unknown = 1
expect  call embedder called once
        input = Can rabbits and hamsters share a cage?
expect  call vectors called twice
        docs.0.id = 9cf5e04335307efab9f0e4a71cc96ca64036a2b8bb3fe6278442912e372f8a85
        docs.0.fields.query = Can rabbits and hamsters share a cage?
        docs.0.vector = [0.6, 0.8]
        partition contains scope-
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": 0, "output": [{"id": "9cf5e04335307efab9f0e4a71cc96ca64036a2b8bb3fe6278442912e372f8a85", "score": 0.05, "fields": {"query": "Can rabbits and hamsters share a cage?"}}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can hamsters and rabbits share a cage?"}]}
expect  200 application/json
        x-cache-status: hit
        x-mynah-cache: semantic; similarity=0.950; age=0
        choices.0.message.content = With care.
expect  upstream untouched, note cache_matched = Can rabbits and hamsters share a cage?, metric ai_cache_hits_semantic = 1
expect  call vectors called once
        filter contains scope
        topk = 5
        vector = [0.6, 0.8]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can hamsters and rabbits share a cage?"}], "stream": true}
expect  200 text/event-stream
        x-mynah-cache: semantic; similarity=0.950; age=0
        body contains With care.
        body contains "data: [DONE]"

story   a question of the same canonical form needs no vectors
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Slowly."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I peel a mango?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Could you please tell me how to peel a mango? Thanks!"}]}
expect  200
        x-cache-status: hit
        x-mynah-cache: semantic; similarity=1.000; age=0
        choices.0.message.content = Slowly.
expect  upstream untouched, metric ai_cache_hits_canonical = 1, call embedder untouched

story   a near question that asks the opposite is not served
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Should I stretch before a run?"}]}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": 0, "output": [{"id": "645f15b3028cf10085d2109403b74ae79b3243d97cfeab0aa3e305b13e0dd694", "score": 0.01, "fields": {"query": "Should I stretch before a run?"}}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Should I stretch after a run?"}]}
expect  200
        x-cache-status: miss
expect  upstream called once, note cache_reason contains "refused: antonym", metric ai_cache_refused_antonym = 1

story   a question that is far is not served, however alike its words
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": 0, "output": [{"id": "9cf5e04335307efab9f0e4a71cc96ca64036a2b8bb3fe6278442912e372f8a85", "score": 0.1, "fields": {"query": "Can rabbits and hamsters share a cage?"}}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can hamsters and rabbits share a cage?"}]}
expect  200
        x-cache-status: miss
expect  upstream called once, note cache_reason = unknown

story   what the index calls by a wrong name is not believed
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "What is the PIN of my card?"}]}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": 0, "output": [{"id": "8ce7448f1b3050ba1599b8b245ef3043eece47f3b43c1c04007e224a30da7af0", "score": 0.01, "fields": {"query": "Can rabbits and hamsters share a cage?"}}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can hamsters and rabbits share a cage?"}]}
expect  200
        x-cache-status: miss
expect  upstream called once, note cache_reason = unknown

story   the second nearest may be the one
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "With care."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": 0, "output": [{"id": "d273637bbd4baedb49f431ad700b4f6afc6d0a59aa4702d07027918514b0826b", "score": 0.02, "fields": {"query": "Can rabbits and foxes share a cage?"}}, {"id": "9cf5e04335307efab9f0e4a71cc96ca64036a2b8bb3fe6278442912e372f8a85", "score": 0.04, "fields": {"query": "Can rabbits and hamsters share a cage?"}}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can hamsters and rabbits share a cage?"}]}
expect  200
        x-cache-status: hit
        x-mynah-cache: semantic; similarity=0.960; age=0

story   a vector whose answer is gone is a miss, and goes
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": 0, "output": [{"id": "9cf5e04335307efab9f0e4a71cc96ca64036a2b8bb3fe6278442912e372f8a85", "score": 0.05, "fields": {"query": "Can rabbits and hamsters share a cage?"}}]}
given   call vectors DELETE /v1/collections/ai-cache-small-2/docs = 200 application/json
        {"code": 0}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Anew."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can hamsters and rabbits share a cage?"}]}
expect  200
        x-cache-status: miss
expect  upstream called once, note cache_reason = lost, metric ai_cache_misses_lost = 1
expect  call vectors called 3 times
        ids.0 = 9cf5e04335307efab9f0e4a71cc96ca64036a2b8bb3fe6278442912e372f8a85

story   vectors end when their answers do
config  {"cache": {"cacheTTL": 60, "cacheTTLJitter": 0}}
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Can rabbits and hamsters share a cage?"}]}
expect  call vectors called twice
        docs.0.ttl = 60

story   questions of other tenants, models and conversations are not near
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I peel a mango?"}]}
request POST /v1/chat/completions
        x-mse-consumer: bob
        {"model": "m", "messages": [{"role": "user", "content": "how do I peel a mango"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "other", "messages": [{"role": "user", "content": "how do I peel a mango"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "system", "content": "Be rude."}, {"role": "user", "content": "how do I peel a mango"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "how do I peel a mango"}]}
expect  200
        x-cache-status: miss
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "how do I peel a mango"}]}]}
expect  200
        x-cache-status: hit

story   a question that points elsewhere is served to none but its equals
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I uninstall it?"}]}
expect  note cache_reason = unmatchable, call embedder untouched
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "how can I uninstall it"}]}
expect  200
        x-cache-status: hit

story   without the semantic cache words count as they stand
config  {"enableSemanticCache": false}
given   call embedder POST /v1/embeddings = 200 application/json
        {"data": [{"embedding": [0.6, 0.8]}], "model": "small"}
given   call vectors POST /v1/collections/ai-cache-small-2/query = 200 application/json
        {"code": -2021, "message": "there is no collection"}
given   call vectors POST /v1/collections/ai-cache-small-2/docs/upsert = 200 application/json
        {"code": 0, "output": [{"doc_op": "insert", "code": 0}]}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I peel a mango?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "how do I peel a mango"}]}
expect  200
        x-cache-status: miss
expect  call embedder untouched, note cache_reason = unmatchable

story   in shadow the cache reports and the model answers
config  {"mode": "shadow"}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I peel a mango?"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "how do I peel a mango"}]}
expect  200
        x-cache-status: miss
        x-mynah-cache: absent
expect  upstream called once, note cache_shadow = semantic; similarity=1.000; age=0, metric ai_cache_shadow_hits = 1, metric ai_cache_hits = 0

story   a cache that is off keeps nothing
config  {"mode": "off"}
given   upstream 200 application/json
        {"model": "m", "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
expect  200
        x-cache-status: skip
expect  metric ai_cache_kept = 0
