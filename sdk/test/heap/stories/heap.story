story   blocks keep what is in them, and the same again needs no more memory
config  {"steps": 4000}
request GET /
expect  200
        body = well
