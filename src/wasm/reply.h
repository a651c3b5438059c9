// SPDX-License-Identifier: Apache-2.0
// Reply: bytes that a host function gives to the plug-in, described but not copied yet, so that
// they go straight from where they are into the plug-in's memory.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/headers.h"
#include "base/slice.h"
#include "wasm/pairs.h"

namespace mynah::wasm {

class Reply final {
 public:
  // What is borrowed stays as it is until the host function has returned to the plug-in.
  void borrow(std::string_view bytes) { source_ = bytes; }
  void borrow_pairs(const Headers& headers) { source_ = &headers; }
  void borrow_part(const SliceChain& chain, std::size_t offset, std::size_t count) {
    source_ = Part{&chain, offset, count};
  }
  void own(std::string bytes) { source_ = std::move(bytes); }
  void own_pairs(Headers headers) { source_ = std::move(headers); }

  [[nodiscard]] std::size_t size() const {
    if (const auto* view = std::get_if<std::string_view>(&source_)) return view->size();
    if (const auto* headers = std::get_if<const Headers*>(&source_)) return pairs_size(**headers);
    if (const auto* part = std::get_if<Part>(&source_)) return part->count;
    if (const auto* owned = std::get_if<std::string>(&source_)) return owned->size();
    return pairs_size(std::get<Headers>(source_));
  }

  // Writes size() bytes.
  void copy_to(char* to) const {
    if (const auto* view = std::get_if<std::string_view>(&source_)) {
      copy(*view, to);
    } else if (const auto* headers = std::get_if<const Headers*>(&source_)) {
      write_pairs(**headers, to);
    } else if (const auto* part = std::get_if<Part>(&source_)) {
      copy_part(*part, to);
    } else if (const auto* owned = std::get_if<std::string>(&source_)) {
      copy(*owned, to);
    } else {
      write_pairs(std::get<Headers>(source_), to);
    }
  }

 private:
  struct Part {
    const SliceChain* chain;
    std::size_t offset;
    std::size_t count;
  };

  static void copy(std::string_view bytes, char* to) {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }
  static void copy_part(const Part& part, char* to) {
    std::size_t skip = part.offset;
    std::size_t left = part.count;
    for (const Slice& slice : *part.chain) {
      if (left == 0) return;
      if (skip >= slice.size()) {
        skip -= slice.size();
        continue;
      }
      const std::string_view piece = slice.view().substr(skip, left);
      copy(piece, to);
      to += piece.size();
      left -= piece.size();
      skip = 0;
    }
  }

  // tidy: allow string_view: lives no longer than the call
  std::variant<std::string_view, const Headers*, Part, std::string, Headers> source_;
};

}  // namespace mynah::wasm
