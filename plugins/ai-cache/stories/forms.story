# Other forms than chat completions: OpenAI's responses and Anthropic's messages.

story   a response that came whole is given whole and streamed
given   upstream 200 application/json
        {"id": "resp_1", "object": "response", "status": "completed", "error": null, "model": "m-1", "output": [{"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [{"type": "output_text", "text": "Paris", "annotations": []}]}], "usage": {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4}}
request POST /v1/responses
        {"model": "m", "input": "How do I peel a mango?"}
expect  metric ai_cache_kept = 1
request POST /v1/responses
        {"model": "m", "input": "How do I peel a mango?"}
expect  200 application/json
        x-cache-status: hit
        output.0.content.0.text = Paris
        id = resp_1
expect  upstream untouched, metric ai_cache_tokens_saved = 4
request POST /v1/responses
        {"model": "m", "input": "How do I peel a mango?", "stream": true}
expect  200 text/event-stream
        body contains "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,"
        body contains "\"status\": \"in_progress\""
        body contains "event: response.output_text.delta"
        body contains "\"delta\":\"Paris\""
        body contains "event: response.completed"
expect  upstream untouched
request POST /v1/responses
        {"model": "m", "input": "Could you please tell me how to peel a mango?"}
expect  200
        x-mynah-cache: semantic; similarity=1.000; age=0
request POST /v1/chat/completions
        {"model": "m", "messages": [{"role": "user", "content": "How do I peel a mango?"}]}
expect  upstream called once

story   a response that was streamed is given whole
given   upstream 200 text/event-stream, cut every 11 bytes
        event: response.created
        data: {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}}

        event: response.output_text.delta
        data: {"type": "response.output_text.delta", "delta": "Paris"}

        event: response.completed
        data: {"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "output": [{"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "map", "arguments": "{}", "status": "completed"}]}}
request POST /v1/responses
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Where?"}]}], "stream": true}
request POST /v1/responses
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Where?"}]}]}
expect  200 application/json
        x-cache-status: hit
        output.0.name = map
expect  upstream untouched
request POST /v1/responses
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Where?"}]}], "stream": true}
expect  200 text/event-stream
        body contains "event: response.function_call_arguments.done"

story   what a response leaves open is not kept, and what goes on from one is not looked for
given   upstream 200 application/json
        {"id": "resp_1", "status": "incomplete", "output": [{"type": "message", "status": "incomplete", "content": [{"type": "output_text", "text": "Par"}]}]}
request POST /v1/responses
        {"model": "m", "input": "cut short"}
expect  200
        x-cache-status: miss
expect  metric ai_cache_kept = 0
request POST /v1/responses
        {"model": "m", "input": "And then?", "previous_response_id": "resp_0"}
expect  200
        x-cache-status: skip

story   a message that came whole is given whole and streamed
given   upstream 200 application/json
        {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": [{"type": "text", "text": "Paris"}, {"type": "tool_use", "id": "tu_1", "name": "map", "input": {"city": "Paris"}}], "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 4}}
request POST /v1/messages
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Where?"}]}
request POST /v1/messages
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Where?"}]}
expect  200 application/json
        x-cache-status: hit
        content.1.input.city = Paris
        stop_reason = tool_use
expect  upstream untouched, metric ai_cache_tokens_saved = 7
request POST /v1/messages
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Where?"}], "stream": true}
expect  200 text/event-stream
        body contains "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
        body contains "\"delta\":{\"type\":\"text_delta\",\"text\":\"Paris\"}"
        body contains "\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"city\\\": \\\"Paris\\\"}\"}"
        body contains "\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null}"
        body contains "event: message_stop"
expect  upstream untouched
request POST /v1/messages
        anthropic-beta: something
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Where?"}]}
expect  upstream called once

story   a message that was streamed is given whole
given   upstream 200 text/event-stream, cut every 13 bytes
        event: message_start
        data: {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1}}}

        event: content_block_start
        data: {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}

        event: content_block_delta
        data: {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Well"}}

        event: content_block_delta
        data: {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s1"}}

        event: content_block_stop
        data: {"type": "content_block_stop", "index": 0}

        event: ping
        data: {"type": "ping"}

        event: content_block_start
        data: {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}

        event: content_block_delta
        data: {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Par"}}

        event: content_block_delta
        data: {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "is"}}

        event: content_block_stop
        data: {"type": "content_block_stop", "index": 1}

        event: message_delta
        data: {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 9}}

        event: message_stop
        data: {"type": "message_stop"}
request POST /v1/messages
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Where?"}], "stream": true}
request POST /v1/messages
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Where?"}]}
expect  200 application/json
        x-cache-status: hit
        content.0.thinking = Well
        content.0.signature = s1
        content.1.text = Paris
        stop_reason = end_turn
        usage.input_tokens = 3
        usage.output_tokens = 9
expect  upstream untouched

story   a message that was cut short, or whose stream was, is not kept
given   upstream 200 application/json
        {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "Par"}], "stop_reason": "max_tokens"}
request POST /v1/messages
        {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "Where?"}]}
given   upstream 200 text/event-stream
        event: message_start
        data: {"type": "message_start", "message": {"type": "message", "content": []}}

        event: content_block_start
        data: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "Par"}}

        event: error
        data: {"type": "error", "error": {"type": "overloaded_error"}}
request POST /v1/messages
        {"model": "m", "max_tokens": 2, "messages": [{"role": "user", "content": "Where?"}], "stream": true}
expect  metric ai_cache_kept = 0
