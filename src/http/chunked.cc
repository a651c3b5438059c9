// SPDX-License-Identifier: Apache-2.0
// The chunked coding, decoded a byte range at a time and strictly.
#include "http/chunked.h"

#include <algorithm>

#include "http/chars.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

constexpr std::size_t kSizeDigitsMax = 16;
// No chunk is bigger; the sum of sizes cannot overflow before the limit on the body is reached.
constexpr std::uint64_t kChunkBytesMax = std::uint64_t{1} << 62;

// The value of a hexadecimal digit, or 16.
unsigned hex_value(char c) {
  if (chars::is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = chars::lower(c);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 16;
}

}  // namespace

bool ChunkedDecoder::refuse(Refusal refusal) {
  refusal_ = refusal;
  return false;
}

ChunkedDecoder::Step ChunkedDecoder::decode(std::string_view& input) {
  while (!input.empty() && refusal_ == Refusal::none) {
    switch (at_) {
      case At::size_start:
      case At::size:
      case At::extension:
      case At::size_lf:
        if (!take_size_line(input)) return Step::refused;
        break;
      case At::data:
        data_ =
            input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
        input.remove_prefix(data_.size());
        left_ -= data_.size();
        if (left_ == 0) at_ = At::data_cr;
        return Step::data;
      case At::data_cr:
      case At::data_lf:
        if (input.front() != (at_ == At::data_cr ? '\r' : '\n')) {
          refuse(Refusal::chunk_end_missing);
          return Step::refused;
        }
        input.remove_prefix(1);
        at_ = at_ == At::data_cr ? At::data_lf : At::size_start;
        break;
      case At::trailers:
        if (!take_trailers(input)) return Step::refused;
        break;
      case At::done:
        return Step::end;
    }
  }
  if (refusal_ != Refusal::none) return Step::refused;
  return at_ == At::done ? Step::end : Step::more;
}

bool ChunkedDecoder::take_size_line(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    if (++line_bytes_ > limits_->chunk_line_bytes + 2) return refuse(Refusal::chunk_line_too_long);
    input.remove_prefix(1);
    if (at_ == At::size_lf) {
      if (c != '\n') return refuse(Refusal::bare_cr);
      return end_size_line();
    }
    if (c == '\n') return refuse(Refusal::bare_lf);
    if (at_ == At::extension) {
      if (c == '\r') {
        at_ = At::size_lf;
      } else if (!is_of(chars::kValue, c)) {
        return refuse(Refusal::chunk_extension_invalid);
      }
    } else if (at_ == At::size && c == '\r') {
      at_ = At::size_lf;
    } else if (at_ == At::size && c == ';') {
      at_ = At::extension;
    } else if (!take_size_digit(c)) {
      return false;
    }
  }
  return true;
}

bool ChunkedDecoder::take_size_digit(char c) {
  const unsigned value = hex_value(c);
  if (value > 15) return refuse(Refusal::chunk_size_invalid);
  if (line_bytes_ > kSizeDigitsMax) return refuse(Refusal::chunk_size_overflow);
  left_ = left_ << 4 | value;
  if (left_ > kChunkBytesMax) return refuse(Refusal::chunk_size_overflow);
  at_ = At::size;
  return true;
}

bool ChunkedDecoder::end_size_line() {
  line_bytes_ = 0;
  at_ = left_ == 0 ? At::trailers : At::data;
  return true;
}

// Trailers end with an empty line: at once, as nearly always, or after lines that are gathered
// until then.
bool ChunkedDecoder::take_trailers(std::string_view& input) {
  if (pending_.empty() && input.starts_with("\r\n")) {
    input.remove_prefix(2);
    at_ = At::done;
    return true;
  }
  while (!input.empty()) {
    const std::size_t line = std::min(input.find('\n'), input.size() - 1) + 1;
    if (pending_.size() + line > limits_->trailer_bytes) return refuse(Refusal::trailers_too_large);
    pending_.append(input.substr(0, line));
    input.remove_prefix(line);
    if (!pending_.ends_with('\n')) continue;
    if (!pending_.ends_with("\r\n")) return refuse(Refusal::bare_lf);
    if (pending_ != "\r\n" && !pending_.ends_with("\r\n\r\n")) continue;
    refusal_ = parse_trailers(pending_, *limits_, trailers_);
    pending_.clear();
    at_ = At::done;
    return refusal_ == Refusal::none;
  }
  return true;
}

}  // namespace mynah::http
