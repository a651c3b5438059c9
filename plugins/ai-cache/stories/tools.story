# Answers that call tools, and what else a provider says beside the text.

story   calls of tools that came whole are streamed
given   upstream 200 application/json
        {"id": "c1", "model": "m-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": null, "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}}, {"id": "t2", "type": "function", "function": {"name": "clock", "arguments": "{}"}}]}, "finish_reason": "tool_calls"}], "usage": {"total_tokens": 9}}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Weather in Oslo?"}], "tools": []}
expect  metric ai_cache_kept = 1
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Weather in Oslo?"}], "tools": [], "stream": true}
expect  200 text/event-stream
        x-cache-status: hit
        body contains "\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\": \\\"Oslo\\\"}\"}}]}"
        body contains "\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"t2\""
        body contains "\"delta\":{},\"finish_reason\":\"tool_calls\""
expect  upstream untouched
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Weather in Oslo?"}], "tools": []}
expect  200 application/json
        choices.0.finish_reason = tool_calls
        choices.0.message.tool_calls.1.function.name = clock
        choices.0.message.tool_calls.0.function.arguments = "{\"city\": \"Oslo\"}"
expect  upstream untouched

story   calls of tools that came in pieces are given whole
given   upstream 200 text/event-stream, cut every 7 bytes
        data: {"id": "c1", "model": "m-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": null, "tool_calls": [{"index": 0, "id": "t1", "type": "function", "function": {"name": "weather", "arguments": ""}}]}, "finish_reason": null}]}

        data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{\"city\":"}}]}, "finish_reason": null}]}

        data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 1, "id": "t2", "function": {"name": "clock", "arguments": "{}"}}]}, "finish_reason": null}]}

        data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "\"Oslo\"}"}}]}, "finish_reason": null}]}

        data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}

        data: [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Weather in Oslo?"}], "stream": true}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Weather in Oslo?"}]}
expect  200 application/json
        x-cache-status: hit
        choices.0.finish_reason = tool_calls
        choices.0.message.tool_calls.0.id = t1
        choices.0.message.tool_calls.0.function.arguments = "{\"city\":\"Oslo\"}"
        choices.0.message.tool_calls.1.function.name = clock
expect  upstream untouched

story   calls of tools serve the same words only
given   upstream 200 application/json
        {"choices": [{"message": {"content": null, "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]}, "finish_reason": "tool_calls"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I peel a mango?"}]}
expect  metric ai_cache_kept = 1
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "how do i peel a mango"}]}
expect  200
        x-cache-status: miss
expect  upstream called once

story   a call of a tool that is not whole is not kept
given   upstream 200 text/event-stream
        data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "t1", "function": {"name": "weather", "arguments": "{\"city\":"}}]}, "finish_reason": "tool_calls"}]}

        data: [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "cut arguments"}], "stream": true}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "x", "tool_calls": []}, "finish_reason": "tool_calls"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "no call"}]}
expect  metric ai_cache_kept = 0

story   what is more than an answer can hold is not kept
given   upstream 200 application/json
        {"choices": [{"message": {"content": "x"}, "logprobs": {"content": [1]}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "logprobs": true, "messages": [{"role": "user", "content": "probabilities"}]}
given   upstream 200 application/json
        {"choices": [{"message": {"content": null, "refusal": "I will not."}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "a refusal"}]}
given   upstream 200 application/json
        {"choices": [{"message": {"content": "x", "annotations": [{"type": "url_citation"}]}, "finish_reason": "stop"}]}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "sources"}]}
expect  metric ai_cache_kept = 0

story   what the model thought comes where its provider puts it
given   upstream 200 text/event-stream
        data: {"choices": [{"index": 0, "delta": {"role": "assistant", "reasoning": "Well, "}}]}

        data: {"choices": [{"index": 0, "delta": {"reasoning": "France."}}]}

        data: {"choices": [{"index": 0, "delta": {"content": "Paris"}, "finish_reason": "stop"}]}

        data: [DONE]
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Capital of France?"}], "stream": true}
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Capital of France?"}]}
expect  200
        choices.0.message.reasoning = "Well, France."
        choices.0.message.content = Paris
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "Capital of France?"}], "stream": true, "stream_options": {"include_usage": true}}
expect  200
        body contains "\"delta\":{\"role\":\"assistant\",\"reasoning\":\"Well, France.\"}"
        body contains "\"delta\":{\"content\":\"Paris\"}"
        body contains "\"finish_reason\":\"stop\"}],\"usage\":null}"
