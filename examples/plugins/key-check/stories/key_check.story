story   a known key passes and becomes a name
config  {"consumers": [{"name": "ann", "key": "ann-secret"}, {"name": "bob", "credential": "bob-secret"}]}
request GET /
        x-api-key: bob-secret
expect  200
expect  upstream called once
        x-mse-consumer: bob
        x-api-key: absent

story   an unknown key does not reach the upstream
config  {"consumers": [{"name": "ann", "key": "ann-secret"}]}
request GET /
        x-api-key: ann-secreT
expect  401 application/json
        error.type = authentication_error
expect  upstream untouched

story   no key does not reach the upstream
config  {"consumers": [{"name": "ann", "key": "ann-secret"}]}
request POST /v1/chat/completions
        {"model": "m"}
expect  401
expect  upstream untouched
