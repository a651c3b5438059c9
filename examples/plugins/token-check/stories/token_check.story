story   a token with a right signature is let in
config  {"secret": "your-256-bit-secret"}
request GET /
        authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c
expect  upstream called once
        x-user: 1234567890

story   it may stand in the query
config  {"secret": "your-256-bit-secret"}
request GET /?access_token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c
expect  upstream called once

story   anything else is refused
config  {"secret": "another secret, long enough", "paths": "/v1/\\w+"}
request GET /v1/models
        authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c
expect  401
        body contains its signature is wrong
request GET /v1/models
expect  401
        body contains three parts
request GET /v2/models
expect  403
expect  upstream untouched
