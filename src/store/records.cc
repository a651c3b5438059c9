// SPDX-License-Identifier: Apache-2.0
// Framing and checking records.
#include "store/records.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <zlib.h>

#include "base/text.h"
#include "store/effects.h"

namespace mynah::store {
namespace {

static_assert(std::endian::native == std::endian::little,
              "fixed-size numbers are written as they lie in memory");

constexpr std::string_view kMagic = "MYNAHST1";
constexpr std::size_t kHeaderBytes = 8 + 8 + 8 + 8 + 4;
constexpr std::size_t kFrameBytes = 8;
constexpr std::size_t kRecordBytesMax = std::size_t{1} << 30;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

template <class T>
void append_fixed(T value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

template <class T>
T fixed_at(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::uint32_t checksum(std::string_view bytes, std::uint32_t start = 0) {
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t record_checksum(std::string_view frame, std::string_view body) {
  return checksum(body, checksum(frame.substr(0, 4)));
}

bool parse_body(std::string_view body, Record& record) {
  if (body.empty()) return false;
  record.kind = static_cast<RecordKind>(body.front());
  body.remove_prefix(1);
  std::uint64_t time = 0;
  if (!take_varint(body, record.sequence) || !take_varint(body, time)) return false;
  record.time = static_cast<WallMs>(time);
  record.payload = body;
  return true;
}

}  // namespace

void append_header(const FileHeader& header, std::string& out) {
  const std::size_t start = out.size();
  out.append(kMagic);
  append_fixed(header.seed.a, out);
  append_fixed(header.seed.b, out);
  append_fixed(header.first, out);
  append_fixed(checksum(std::string_view(out).substr(start)), out);
}

void append_unsealed(const Record& record, std::string& out) {
  const std::size_t start = out.size();
  out.append(kFrameBytes, '\0');
  out += static_cast<char>(record.kind);
  append_varint(record.sequence, out);
  append_varint(static_cast<std::uint64_t>(record.time), out);
  out.append(record.payload);
  const auto size = static_cast<std::uint32_t>(out.size() - start - kFrameBytes);
  std::memcpy(out.data() + start, &size, sizeof size);
}

void seal(std::string& records) {
  for (std::size_t at = 0; at < records.size();) {
    const auto size = fixed_at<std::uint32_t>(records, at);
    const std::string_view frame = std::string_view(records).substr(at);
    const std::uint32_t sum = record_checksum(frame, frame.substr(kFrameBytes, size));
    std::memcpy(records.data() + at + 4, &sum, sizeof sum);
    at += kFrameBytes + size;
  }
}

// Makes `wanted` unread bytes available, or as many as the file has.
Status RecordReader::fill(std::size_t wanted) {
  while (!at_end_ && buffer_.size() - at_ < wanted) {
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t missing =
        std::min(std::max(kPieceBytes, wanted - buffer_.size()), kRecordBytesMax);
    MYNAH_LET(const std::string piece, files_.read(name_, file_bytes_, missing));
    at_end_ = piece.size() < missing;
    file_bytes_ += piece.size();
    buffer_.append(piece);
  }
  return ok();
}

Result<FileHeader> RecordReader::header() {
  MYNAH_OK(fill(kHeaderBytes));
  const std::string_view bytes = unread();
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic) ||
      fixed_at<std::uint32_t>(bytes, kHeaderBytes - 4) !=
          checksum(bytes.substr(0, kHeaderBytes - 4))) {
    return Error{Errc::protocol, cat(name_, " does not begin as a file of the store")};
  }
  FileHeader header;
  header.seed = {fixed_at<std::uint64_t>(bytes, 8), fixed_at<std::uint64_t>(bytes, 16)};
  header.first = fixed_at<std::uint64_t>(bytes, 24);
  consume(kHeaderBytes);
  return header;
}

Result<bool> RecordReader::next(Record& record) {
  MYNAH_OK(fill(kFrameBytes));
  if (unread().size() < kFrameBytes) return false;
  const auto size = fixed_at<std::uint32_t>(unread(), 0);
  if (size > kRecordBytesMax) return false;
  MYNAH_OK(fill(kFrameBytes + size));
  const std::string_view bytes = unread();
  if (bytes.size() < kFrameBytes + size) return false;
  const std::string_view body = bytes.substr(kFrameBytes, size);
  if (fixed_at<std::uint32_t>(bytes, 4) != record_checksum(bytes, body) ||
      !parse_body(body, record))
    return false;
  consume(kFrameBytes + size);
  return true;
}

}  // namespace mynah::store
