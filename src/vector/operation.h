// SPDX-License-Identifier: Apache-2.0
// Operation: a change as it stands in the payload of a record on disk (store/records.h frames and
// checks it):
//
//   operation := 'C' collection dimension element metric origin count (name type)*   it is made
//              | 'X' collection                                                      it is dropped
//              | 'P' collection partition                                            it is made
//              | 'Q' collection partition                                            it is dropped
//              | 'A' collection partition                                            it is cleared
//              | 'D' collection partition id                                         it is erased
//              | 'V' collection partition id expires step norm dimension high low fields    it is
//              put | 'N' (as 'V') slot level linked (count link*)*     in a snapshot: with its
//              links
//
// Texts are a size and bytes, sizes and whole numbers 4 bytes, times and floats as in memory, rows
// `dimension` bytes each. Each operation says what is to be, not by how much to change it:
// repeating a run of them from any point of it leads to the same end.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vector/collection_info.h"
#include "vector/documents.h"

namespace mynah::vector {

// A document with its vector, as it lies in memory.
struct StoredDocument {
  DocumentView view;
  float step = 0;
  std::span<const std::int8_t> high;
  std::size_t dimension = 0;
};
// Its place in the graph.
struct StoredLinks {
  Slot slot = kNoSlot;
  bool linked = false;
  std::vector<Graph::Links> levels;  // at least one
};

std::string encode_create(const CollectionInfo& info);
std::string encode_drop(std::string_view collection);
std::string encode_create_partition(std::string_view collection, std::string_view partition);
std::string encode_drop_partition(std::string_view collection, std::string_view partition);
std::string encode_clear(std::string_view collection, std::string_view partition);
std::string encode_erase(std::string_view collection, std::string_view partition,
                         std::string_view id);
std::string encode_put(std::string_view collection, std::string_view partition,
                       const StoredDocument& document);
std::string encode_node(std::string_view collection, std::string_view partition,
                        const StoredDocument& document, const StoredLinks& links);

struct Operation {
  enum class Kind : char {
    create = 'C',
    drop = 'X',
    create_partition = 'P',
    drop_partition = 'Q',
    clear = 'A',
    erase = 'D',
    put = 'V',
    node = 'N',
  };
  Kind kind = Kind::drop;
  std::string collection;
  std::string partition;
  std::string id;
  CollectionInfo info;  // of create
  // Of put and node. The rows are padded.
  std::string fields;
  WallMs expires = kNeverExpires;
  float step = 0;
  float norm = 0;
  std::size_t dimension = 0;
  std::vector<std::int8_t> high;
  std::vector<std::int8_t> low;
  StoredLinks links;  // of node
};

// None when the bytes are no operation: they were written by something else.
std::optional<Operation> parse_operation(std::string_view bytes);

}  // namespace mynah::vector
