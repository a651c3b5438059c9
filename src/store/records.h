// SPDX-License-Identifier: Apache-2.0
// Records: the format of the store's files.
//
//   folder   := log* snapshot? "lock"
//   log      := header record*            named log-<first sequence, 16 hexadecimal digits>
//   snapshot := header record* end        named snapshot-<sequence of the first log to replay after
//   it> header   := "MYNAHST1" seed_a seed_b first checksum        seeds and first: 8 bytes;
//   checksum: 4, of what is before record   := size checksum body        size: 4 bytes, of the
//   body; checksum: 4, CRC-32 of size and body body     := kind sequence time payload kind: 1 byte;
//   sequence and time (ms): varints kind     := 'E'  changes: payload is effects (effects.h), to be
//   applied together
//            |  'S'  in a snapshot: a shard begins (payload: its number, one byte); its state
//            includes all changes up to
//                    `sequence`, so later logs must not apply those again
//            |  'W'  in a snapshot: effects that make some of the shard's keys
//            |  'Z'  the end: a snapshot without it is not one
//
// Fixed-size numbers are little-endian. A record that is cut short or whose checksum does not fit
// ends the file: what follows it was not written whole, and what stands before it is a beginning of
// history.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/entry.h"
#include "store/files.h"
#include "store/hash.h"

namespace mynah::store {

struct FileHeader {
  HashSeed seed;
  std::uint64_t first =
      0;  // sequence of the first record of a log; of a snapshot: of the log to go on with
};

enum class RecordKind : char { changes = 'E', shard = 'S', whole = 'W', end = 'Z' };

struct Record {
  RecordKind kind = RecordKind::changes;
  std::uint64_t sequence = 0;
  WallMs time = 0;
  std::string_view payload;  // tidy: allow string_view: lives until the next record
};

void append_header(const FileHeader& header, std::string& out);
// Appends the record with its checksum left open: seal() fills in those of a whole buffer of
// records, so that the thread that makes a record need not compute it.
void append_unsealed(const Record& record, std::string& out);
void seal(std::string& records);

// Reads a file of records from its beginning, a piece at a time.
class RecordReader final {
 public:
  RecordReader(Files& files, std::string name) : files_(files), name_(std::move(name)) {}

  // Errors: not readable; not a file of the store (protocol).
  Result<FileHeader> header();
  // The next record, whose payload lives until the next call. False at the end, be it clean or
  // torn.
  Result<bool> next(Record& record);
  // Where the last whole record ended.
  [[nodiscard]] std::uint64_t good_bytes() const { return consumed_; }
  // Bytes behind it: none at a clean end.
  [[nodiscard]] std::uint64_t torn_bytes() const { return file_bytes_ - consumed_; }

 private:
  Status fill(std::size_t wanted);
  [[nodiscard]] std::string_view unread() const { return std::string_view(buffer_).substr(at_); }
  void consume(std::size_t count) {
    at_ += count;
    consumed_ += count;
  }

  Files& files_;
  std::string name_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t consumed_ = 0;
  std::uint64_t file_bytes_ = 0;  // as far as was read
  bool at_end_ = false;
};

}  // namespace mynah::store
