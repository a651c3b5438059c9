story   a user always sees the same variant
config  {"variants": [{"name": "a"}, {"name": "b"}]}
request GET /
        x-user: ann
expect  upstream called once
        x-variant: a
request GET /
        x-user: ann
expect  upstream called once
        x-variant: a
expect  note variant = a
request GET /
        x-user: carol
expect  upstream called once
        x-variant: b

story   a weight of zero gets nobody
config  {"variants": [{"name": "a", "weight": 0}, {"name": "b"}, {"name": "c", "weight": 0}]}
request GET /
        x-user: bob
expect  upstream called once
        x-variant: b

story   who says nothing gets the first
config  {"variants": [{"name": "a"}, {"name": "b"}]}
request GET /
expect  upstream called once
        x-variant: a
