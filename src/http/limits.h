// SPDX-License-Identifier: Apache-2.0
// What a connection allows its peer, with the defaults that a gateway at the edge runs with. Every
// limit has an answer: it stands beside it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mynah::http {

using Milliseconds = std::chrono::milliseconds;

// Sizes of one message. They hold in both directions and both protocol versions.
struct MessageLimits {
  std::size_t header_count = 100;         // 431; a response: bad gateway
  std::size_t header_bytes = 64 * 1024;   // 431; the whole head, names, values and separators
  std::size_t uri_bytes = 16 * 1024;      // 414
  std::size_t trailer_count = 32;         // 400
  std::size_t trailer_bytes = 8 * 1024;   // 400
  std::size_t chunk_line_bytes = 256;     // 400; a chunk's size with its extensions
  std::uint64_t body_bytes = UINT64_MAX;  // 413; Errc::too_large from read()
};

struct ServerLimits {
  MessageLimits message;

  Milliseconds header_timeout{
      10'000};  // 408; from the first byte of a head (or from connecting) to its end
  Milliseconds idle_timeout{75'000};  // closed silently; between exchanges on a kept connection
  Milliseconds body_timeout{30'000};  // Errc::timeout from read(); no byte of the body for so long
  std::uint64_t body_bytes_per_second =
      0;  // with body_timeout: a body slower than this on average is cut; 0: no minimum
  Milliseconds write_timeout{
      60'000};  // Errc::timeout from write(); the client takes no byte for so long
  Milliseconds linger_timeout{
      2'000};  // how long a refused client's bytes are drained so that it sees the answer
  Milliseconds connection_lifetime{
      0};  // then `connection: close` or GOAWAY at the next exchange; 0: none
  std::uint32_t exchanges_max = 0;  // on one connection, then as above; 0: no limit

  bool half_close_is_gone =
      true;  // a client that shuts its side down during an exchange has gone away

  // HTTP/2
  std::uint32_t streams_max = 100;  // SETTINGS_MAX_CONCURRENT_STREAMS; over it: REFUSED_STREAM
  std::uint32_t stream_window_bytes = 64 * 1024;    // unread bytes of one stream
  std::uint32_t connection_window_bytes = 1 << 20;  // unread bytes of all streams
  // Streams that end early with an error, whoever resets them, among the latest reset_window ones,
  // if they are at least half of them: ENHANCE_YOUR_CALM.
  std::uint32_t resets_max = 50;
  std::uint32_t reset_window = 200;
  // PING, SETTINGS, PRIORITY, WINDOW_UPDATE and empty DATA frames; a useful frame pays for ten:
  // ENHANCE_YOUR_CALM.
  std::uint32_t control_frames_max = 1000;
};

struct ClientLimits {
  MessageLimits message{.header_count = 200, .header_bytes = 256 * 1024};

  Milliseconds response_timeout{60'000};  // from the end of the request to the response's head
  Milliseconds body_timeout{
      300'000};  // no byte of the response for so long; a model may think for minutes
  Milliseconds write_timeout{60'000};  // the origin takes no byte for so long
  std::uint32_t interim_max = 32;      // 1xx heads before the final one: protocol error

  // HTTP/2
  std::uint32_t streams_max = 100;
  std::uint32_t stream_window_bytes = 64 * 1024;
  std::uint32_t connection_window_bytes = 1 << 20;
  std::uint32_t control_frames_max = 1000;
};

}  // namespace mynah::http
