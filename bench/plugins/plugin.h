// SPDX-License-Identifier: Apache-2.0
// What every plug-in of the benchmarks has: the mark of its ABI, and an allocator that hands out
// the same room again.
#pragma once

#define EXPORT(name) extern "C" [[clang::export_name(#name)]]
#define IMPORT(name) extern "C" [[clang::import_module("env"), clang::import_name(#name)]]

namespace {

char room[1 << 14];
unsigned used = 0;

void forget() { used = 0; }

}  // namespace

EXPORT(proxy_abi_version_0_2_1) void abi_version() {}
EXPORT(malloc) void* allocate(unsigned bytes) {
  void* const given = room + used;
  used += (bytes + 7) & ~7U;
  if (used > sizeof room) __builtin_trap();
  return given;
}
EXPORT(proxy_on_context_create) void on_context_create(int, int) { forget(); }
EXPORT(proxy_on_vm_start) int on_vm_start(int, int) { return 1; }
EXPORT(proxy_on_configure) int on_configure(int, int) { return 1; }
EXPORT(proxy_on_done) int on_done(int) { return 1; }
EXPORT(proxy_on_log) void on_log(int) {}
EXPORT(proxy_on_delete) void on_delete(int) {}
