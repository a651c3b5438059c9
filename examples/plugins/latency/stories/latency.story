story   times and sizes are measured while the answer streams
given   upstream 200 text/plain, after 20ms, cut every 5 bytes, 10ms apart
        0123456789abcde
request GET /
expect  200
        body = 0123456789abcde
expect  metric latency_bytes = 15, metric latency_answers = 1
expect  metric latency_first_byte_milliseconds = 20, metric latency_last_byte_milliseconds = 40

story   what breaks off is counted apart
given   upstream 200 text/plain, breaks off after 3 bytes
        abcdef
request GET /
expect  metric latency_cut_short = 1, metric latency_bytes = 3
