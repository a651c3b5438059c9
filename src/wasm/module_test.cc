// SPDX-License-Identifier: Apache-2.0
// What is refused as a plug-in, and what is said about it.
#include "wasm/module.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

constexpr std::string_view kWhole =
    "(memory (export \"memory\") 1) (func (export \"proxy_abi_version_0_2_1\"))"
    "(func (export \"malloc\") (param i32) (result i32) (i32.const 0))";

std::string refusal(std::string_view wasm) {
  const auto module = Module::compile(test_engine(), wasm);
  return module.ok() ? "taken" : module.error().what;
}
std::string refusal_of_text(std::string_view text) {
  return refusal(assemble(cat("(module ", text, ")")));
}

TEST(ModuleTest, APlugInIsTaken) {
  const auto module = Module::compile(test_engine(), assemble(cat("(module ", kWhole, ")")));

  ASSERT_TRUE(module.ok()) << module.error().what;
  EXPECT_EQ((*module)->abi_version(), AbiVersion::v0_2_1);
  EXPECT_EQ((*module)->sha256().size(), 64u);
}

TEST(ModuleTest, TheBestOfSeveralVersionsCounts) {
  const auto module = Module::compile(
      test_engine(),
      assemble(cat("(module ", kWhole, "(func (export \"proxy_abi_version_0_2_100\")))")));

  EXPECT_EQ((*module)->abi_version(), AbiVersion::v0_2_100);
}

TEST(ModuleTest, WhatIsNotWebAssemblyIsShownByItsFirstBytes) {
  EXPECT_EQ(refusal(""), "not WebAssembly: the file is empty");
  EXPECT_EQ(refusal("\x7f"
                    "ELF and more"),
            "not WebAssembly: begins with the bytes 7f 45 4c 46 20 61 6e 64, not 00 61 73 6d");
}

TEST(ModuleTest, TheTextFormatIsRefused) {
  EXPECT_EQ(refusal("  (module)"),
            "WebAssembly in its text format is not taken: assemble it first");
}

TEST(ModuleTest, AComponentIsRefused) {
  EXPECT_TRUE(refusal(std::string("\0asm\x0d\0\1\0", 8)).starts_with("a WebAssembly component"));
}

TEST(ModuleTest, ATruncatedModuleIsRefusedWithTheOffset) {
  const std::string whole = assemble(cat("(module ", kWhole, ")"));

  EXPECT_EQ(refusal(whole.substr(0, 6)), "malformed module: unexpected end at offset 6");
  EXPECT_EQ(refusal(whole.substr(0, 12)), "malformed module: unexpected end at offset 10");
}

TEST(ModuleTest, CodeThatIsNotValidIsRefusedByTheEngine) {
  std::string whole = assemble(cat("(module ", kWhole, "(func (result i32) (i32.const 7)))"));
  whole[whole.size() - 3] = '\x1a';  // drop, on an empty stack

  EXPECT_TRUE(refusal(whole).starts_with("invalid module: ")) << refusal(whole);
}

TEST(ModuleTest, AnUnknownImportIsNamed) {
  EXPECT_EQ(refusal_of_text(cat("(import \"env\" \"proxy_fly\" (func))", kWhole)),
            "imports env.proxy_fly, which this host does not have");
  EXPECT_EQ(refusal_of_text(cat("(import \"other\" \"proxy_log\" (func))", kWhole)),
            "imports other.proxy_log, which this host does not have");
  EXPECT_EQ(refusal_of_text(cat("(import \"env\" \"t\" (table 1 funcref))", kWhole)),
            "imports env.t, which is not a function");
}

TEST(ModuleTest, AnImportOfAnotherTypeIsNamed) {
  EXPECT_EQ(refusal_of_text(cat("(import \"env\" \"proxy_log\" (func (param i32 i64)))", kWhole)),
            "imports env.proxy_log as (i32, i64) -> nothing, which is (i32, i32, i32) -> i32 here");
}

TEST(ModuleTest, AMissingExportIsNamed) {
  EXPECT_EQ(refusal_of_text("(func (export \"proxy_abi_version_0_2_1\"))"),
            "exports no memory named \"memory\"");
  EXPECT_EQ(
      refusal_of_text("(memory (export \"memory\") 1) (func (export \"proxy_abi_version_0_2_1\"))"),
      "exports neither proxy_on_memory_allocate nor malloc");
}

TEST(ModuleTest, AModuleWithoutAKnownVersionIsNoPlugIn) {
  EXPECT_TRUE(refusal_of_text("").starts_with("not a Proxy-Wasm plug-in"));
  EXPECT_EQ(refusal_of_text("(func (export \"proxy_abi_version_0_3_0\"))"),
            "speaks a version of Proxy-Wasm that this host does not know: proxy_abi_version_0_3_0");
}

TEST(ModuleTest, ACallbackOfAnotherTypeIsNamed) {
  EXPECT_EQ(refusal_of_text(cat("(func (export \"proxy_on_tick\"))", kWhole)),
            "exports proxy_on_tick as () -> nothing, which must be (i32) -> nothing");
  EXPECT_EQ(refusal_of_text(cat("(global (export \"proxy_on_log\") i32 (i32.const 0))", kWhole)),
            "exports proxy_on_log, which is not a function");
}

TEST(ModuleTest, CodeIsKeptAndLoaded) {
  const std::string wasm = assemble(cat("(module ", kWhole, ")"));
  const auto module = Module::compile(test_engine(), wasm);

  const auto native = (*module)->serialize();

  ASSERT_TRUE(native.ok());
  EXPECT_GT(native->size(), 100u);
}

TEST(ModuleTest, CodeThatIsNotForThisEngineIsNotLoaded) {
  const std::string wasm = assemble(cat("(module ", kWhole, ")"));

  const auto module = Module::load(test_engine(), wasm, "/nonexistent/file");

  ASSERT_FALSE(module.ok());
  EXPECT_EQ(module.error().code, Errc::unsupported);
}

TEST(ModuleTest, CustomSectionsAreFound) {
  const auto binary =
      parse_binary(assemble(cat("(module ", kWhole, "(@custom \"mynah.plugin\" \"{}\"))")));

  ASSERT_TRUE(binary.ok());
  ASSERT_NE(binary->find_custom("mynah.plugin"), nullptr);
  EXPECT_EQ(binary->find_custom("mynah.plugin")->size, 2u);
}

}  // namespace
}  // namespace mynah::wasm
