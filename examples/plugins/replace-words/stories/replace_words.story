story   words are replaced wherever the network cuts them
config  {"words": {"cat": "dog", "mouse": "cheese"}}
given   upstream 200 text/plain, cut every 2 bytes, 1ms apart
        the cat and the mouse, and the cat
request GET /
expect  200
        body = the dog and the cheese, and the dog
        content-length: 35

story   what is not text passes untouched
config  {"words": {"cat": "dog"}}
given   upstream 200 application/octet-stream
        cat
request GET /
expect  200
        body = cat
