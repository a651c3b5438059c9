story   a model that is overloaded is replaced
config  {"service": {"serviceName": "second"}, "model": "small"}
given   upstream 429 application/json
        {"error": {"message": "too many"}}
given   call second POST /v1/chat/completions = 200 application/json, after 5ms
        {"choices": [{"message": {"content": "from the small one"}}]}
request POST /v1/chat/completions
        {"model": "large", "messages": []}
expect  200 application/json
        choices.0.message.content = from the small one
expect  upstream called once
        model = large
expect  call second called once
        model = small
expect  note other_model = small

story   an answer is left alone
config  {"service": {"serviceName": "second"}, "model": "small"}
given   upstream 200 application/json
        {"choices": []}
request POST /v1/chat/completions
        {"model": "large"}
expect  200
expect  call second untouched

story   when the second fails too, the first failure stands
config  {"service": {"serviceName": "second"}, "model": "small"}
given   upstream 503 text/plain
        down
given   call second POST /v1/chat/completions = 500 text/plain
        down as well
request POST /v1/chat/completions
        {"model": "large"}
expect  503
        body = down
