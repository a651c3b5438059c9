// SPDX-License-Identifier: Apache-2.0
// sdk-heap: a test. It takes and gives back memory at random, looks whether blocks keep what is in
// them, and tells what it has seen. It fails open.
#include <array>
#include <cstdlib>

#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  int steps = 4000;

  static void describe(Schema<Config>& schema) {
    schema.field("steps", &Config::steps, "how many blocks are taken and given back");
  }
};

namespace {

struct Block {
  unsigned char* memory = nullptr;
  std::size_t size = 0;
  unsigned char mark = 0;
};

class Heap final {
 public:
  // What was wrong first; empty when all was well.
  std::string_view run(int steps) {
    random_ = 1;
    for (int i = 0; i < steps && fault_.empty(); ++i) step(blocks_[next() % blocks_.size()]);
    for (Block& block : blocks_) give_back(block);
    return fault_;
  }

 private:
  std::uint32_t next() {
    random_ = random_ * 1664525U + 1013904223U;
    return random_ >> 8U;
  }

  // Mostly small ones; sizes around the border between the allocator's two lists are frequent.
  std::size_t any_size() {
    switch (next() % 8) {
      case 0:
        return 1 + next() % 40'000;
      case 1:
        return 490 + next() % 40;
      default:
        return 1 + next() % 200;
    }
  }

  void step(Block& block) {
    if (block.memory == nullptr) return take(block);
    check(block);
    if (next() % 3 != 0) return give_back(block);
    const std::size_t size = any_size();
    void* moved = std::realloc(block.memory, size);
    block.memory = static_cast<unsigned char*>(moved);
    const std::size_t kept = std::min(size, block.size);
    for (std::size_t i = 0; i < kept; ++i) {
      if (block.memory[i] != block.mark) fault_ = "realloc lost bytes";
    }
    block.size = size;
    fill(block);
  }

  void take(Block& block) {
    block.size = any_size();
    if (next() % 4 == 0) {
      block.memory = static_cast<unsigned char*>(std::calloc(block.size, 1));
      for (std::size_t i = 0; i < block.size; ++i) {
        if (block.memory[i] != 0) fault_ = "calloc left bytes";
      }
    } else {
      block.memory = static_cast<unsigned char*>(std::malloc(block.size));
    }
    if (reinterpret_cast<std::uintptr_t>(block.memory) % 16 != 0) fault_ = "a block is not aligned";
    block.mark = static_cast<unsigned char>(next());
    fill(block);
  }

  static void fill(Block& block) {
    for (std::size_t i = 0; i < block.size; ++i) block.memory[i] = block.mark;
  }

  void check(const Block& block) {
    for (std::size_t i = 0; i < block.size; ++i) {
      if (block.memory[i] != block.mark) fault_ = "a block was written over";
    }
  }

  static void give_back(Block& block) {
    std::free(block.memory);
    block = {};
  }

  std::array<Block, 96> blocks_;
  std::string_view fault_;  // tidy: allow string_view: a literal
  std::uint32_t random_ = 1;
};

#ifdef __wasm__
std::size_t pages() { return __builtin_wasm_memory_size(0); }

std::string_view refusals() {
  // Volatile: a compiler takes for granted that memory which nobody uses was there.
  volatile std::size_t too_much = SIZE_MAX;
  void* volatile memory = std::malloc(too_much);
  if (memory != nullptr) return "malloc gives what there is not";
  memory = std::malloc(too_much / 2);
  if (memory != nullptr) return "malloc gives half of the world";
  memory = std::calloc(too_much / 2, 4);
  if (memory != nullptr) return "calloc multiplies wrongly";
  memory = std::aligned_alloc(64, 64);
  if (memory != nullptr) return "aligned_alloc aligns no further than 16";
  memory = std::malloc(0);
  if (memory == nullptr) return "malloc gives nothing for nothing";
  std::free(memory);
  return {};
}
#else
std::size_t pages() { return 0; }
std::string_view refusals() { return {}; }
#endif

}  // namespace

Task<> serve(const Config& config, Exchange& x) {
  Heap heap;
  std::string_view fault = heap.run(config.steps);
  const std::size_t before = pages();
  if (fault.empty()) fault = heap.run(config.steps);
  if (fault.empty() && pages() != before) fault = "the same again needs more memory";
  if (fault.empty()) fault = refusals();
  co_return x.reply({.body = std::string(fault.empty() ? "well" : fault)});
}

MYNAH_PLUGIN(Config, serve, {.id = "sdk-heap", .title = "Heap"});
