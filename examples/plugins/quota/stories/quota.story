story   requests above the limit are refused, each user for itself
config  {"requests": 2}
request GET /
        x-user: ann
expect  200
request GET /
        x-user: ann
expect  200
request GET /
        x-user: ann
expect  429 application/json
        error.type = rate_limit
        retry-after: 60
expect  upstream untouched
request GET /
        x-user: bob
expect  200

story   a store that is down lets everybody pass
config  {"requests": 1}
given   redis store down
request GET /
expect  200
request GET /
expect  200
