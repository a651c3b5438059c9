// SPDX-License-Identifier: Apache-2.0
// What the C++ library asks of the program in a module, in its smallest form: memory from malloc,
// and a trap in place of messages on a terminal that is not there. A failed MYNAH_CHECK goes to the
// host's log first.
#ifdef __wasm__

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "abi/imports.h"
#include "base/check.h"
#include "base/decimal.h"
#include "base/text.h"

namespace {

[[noreturn, gnu::cold]] void stop(std::string_view why) {
  proxy_log(mynah::abi::LogLevel::critical, why.data(), why.size());
  __builtin_trap();
}

void* allocate(std::size_t bytes) {
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) stop("out of memory");
  return memory;
}

}  // namespace

namespace mynah {

void check_failed(const char* condition, const char* file, int line) {
  stop(cat(file, ":", Decimal(static_cast<std::uint64_t>(line)).text(),
           ": broken invariant: ", condition));
}

}  // namespace mynah

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" void __cxa_pure_virtual() { stop("a function without a body was called"); }
extern "C" void abort() { stop("abort"); }
// A machine is thrown away, never wound up: what would run at its end never does.
extern "C" int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

[[noreturn]] void std::__libcpp_verbose_abort(const char* format, ...) { stop(format); }

#endif
