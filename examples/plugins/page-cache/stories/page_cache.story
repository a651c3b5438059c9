story   the second request is answered without the upstream
given   upstream 200 text/html, cut every 3 bytes
        <p>one</p>
request GET /page?n=1
expect  200 text/html
        x-page-cache: miss
        body = <p>one</p>
expect  upstream called once
request GET /page?n=1
expect  200 text/html
        x-page-cache: hit
        body = <p>one</p>
expect  upstream untouched
request GET /page?n=2
expect  upstream called once

story   what is for one person alone is not kept
given   upstream 200 text/html
        hello ann
request GET /me
        authorization: Bearer secret
expect  200
        x-page-cache: absent
request GET /me
expect  upstream called once

story   half a page is not kept
given   upstream 200 text/html, breaks off after 4 bytes
        <p>one</p>
request GET /page
expect  broken response
given   upstream 200 text/html
        <p>two</p>
request GET /page
expect  200
        body = <p>two</p>

story   a store that is down is a miss
given   redis store down
given   upstream 200 text/html
        page
request GET /
expect  200
        x-page-cache: miss
