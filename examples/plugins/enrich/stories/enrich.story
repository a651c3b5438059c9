story   the upstream learns the user's group
config  {"directory": {"serviceName": "directory", "timeout": 100}}
given   call directory GET /users/ann = 200 application/json, after 20ms
        {"group": "staff"}
request GET /
        x-user: ann
expect  200
expect  first byte after 20ms
expect  upstream called once
        x-user-group: staff
expect  call directory called once
        path = /users/ann

story   a body that comes meanwhile waits, whole and in order
config  {"directory": {"serviceName": "directory"}}
given   call directory GET /users/ann = 200 application/json, after 20ms
        {"group": "staff"}
request POST /, cut every 2 bytes, 3ms apart
        x-user: ann
        content-type: text/plain

        0123456789abcdefghij
expect  upstream called once
        x-user-group: staff
        body = 0123456789abcdefghij

story   a service that is slow or broken stops nobody
config  {"directory": {"serviceName": "directory", "timeout": 100}}
given   call directory silent
request GET /
        x-user: ann
expect  200
expect  first byte after 100ms
expect  upstream called once
        x-user-group: absent
given   call directory fails
request GET /
        x-user: ann
expect  200

story   a service that nobody knows stops nobody
config  {"directory": {"serviceName": "directory", "timeout": 100}}
given   call directory refuses
request GET /
        x-user: ann
expect  200
expect  note enrich = "the host knows no service \"directory\""

story   a client that goes away takes the call along
config  {"directory": {"serviceName": "directory"}}
given   call directory GET /users/ann = 200 application/json, after 20ms
        {"group": "staff"}
request GET /, leaves after 5ms
        x-user: ann
expect  no response, upstream untouched

story   a missing service is a fault of the configuration
config  {"directory": {"serviceName": "directory"}, "path": "/u/"}
given   call directory GET /u/ann = 404 text/plain
        no
request GET /
        x-user: ann
expect  200
expect  note enrich = status 404
