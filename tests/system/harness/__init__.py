# SPDX-License-Identifier: Apache-2.0
"""What the whole-program tests are made of.

    program     the gateway as a process: start, ready, reload, end; its logs, memory, descriptors, sanitizers
    configs     configurations as plain dictionaries, on free ports
    raw         a client that sends exact bytes and reads answers strictly
    http2       a client of HTTP/2, and frames by hand
    origin      an upstream whose every answer is a script
    load        requests in the background, each accounted for
    certs       certificates for TLS
"""
