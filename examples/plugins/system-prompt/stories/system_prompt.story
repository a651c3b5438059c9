story   a conversation without a system message gets one
config  {"prompt": "Be brief."}
request POST /v1/chat/completions, cut every 7 bytes
        {"model": "m", "messages": [{"role": "user", "content": "Grüße, 世界"}], "n": 1.50}
expect  upstream called once
        messages.0.role = system
        messages.0.content = Be brief.
        messages.1.content = Grüße, 世界
        n = 1.50
        content-type: application/json
expect  200

story   a conversation that has one keeps it
config  {"prompt": "Be brief."}
request POST /v1/chat/completions
        {"messages": [{"role": "system", "content": "Be long."}]}
expect  upstream called once
        body = {"messages": [{"role": "system", "content": "Be long."}]}

story   what is not JSON passes untouched
config  {"prompt": "Be brief."}
request POST /upload, cut at 3
        content-type: text/plain

        just text
expect  upstream called once
        body = just text

story   a request without a body passes
config  {"prompt": "Be brief."}
request GET /v1/models
expect  200
expect  upstream called once
