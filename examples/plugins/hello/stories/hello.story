story   every response carries the greeting
config  {"greeting": "good morning"}
given   upstream 200 text/plain
        the answer
request GET /
expect  200 text/plain
        x-greeting: good morning
        body = the answer
expect  upstream called once

story   without a configuration it says hello
request GET /
expect  200
        x-greeting: hello
