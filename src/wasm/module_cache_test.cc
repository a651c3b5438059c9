// SPDX-License-Identifier: Apache-2.0
// Compiled code on disk, and the process that makes it.
#include "wasm/module_cache.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

namespace fs = std::filesystem;

class ModuleCacheTest : public testing::Test {
 protected:
  ModuleCacheTest() {
    char pattern[] = "/tmp/mynah-cache-XXXXXX";
    folder_ = ::mkdtemp(pattern);
    settings.folder = cat(folder_, "/native");
#ifdef MYNAH_SANITIZED
    settings.limits.memory_bytes = 0;  // Shadow memory takes terabytes of addresses.
#endif
  }
  ~ModuleCacheTest() override { fs::remove_all(folder_); }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(settings.folder)) found.push_back(entry.path());
    return found;
  }

  ModuleCache::Settings settings;
  const std::string wasm = assemble(
      "(module (memory (export \"memory\") 1) (func (export \"proxy_abi_version_0_2_1\"))"
      "(func (export \"malloc\") (param i32) (result i32) (i32.const 0)))");
  const std::vector<std::string> child{MYNAH_TEST_COMPILER};

 private:
  std::string folder_;
};

TEST_F(ModuleCacheTest, AModuleIsCompiledOnceAndLoadedAfterwards) {
  const ModuleCache cache(test_engine(), settings);
  EXPECT_EQ(cache.find(wasm).error().code, Errc::not_found);

  ASSERT_TRUE(cache.get(wasm).ok());

  EXPECT_EQ(files().size(), 1u);
  EXPECT_TRUE(cache.find(wasm).ok());
}

TEST_F(ModuleCacheTest, TheFolderIsClosedToOthers) {
  ASSERT_TRUE(ModuleCache(test_engine(), settings).get(wasm).ok());

  EXPECT_EQ(fs::status(settings.folder).permissions(), fs::perms::owner_all);
}

TEST_F(ModuleCacheTest, AFileThatIsNoCompiledCodeIsMadeAgain) {
  const ModuleCache cache(test_engine(), settings);
  ASSERT_TRUE(cache.get(wasm).ok());
  std::ofstream(files()[0], std::ios::trunc) << "rubbish";

  EXPECT_TRUE(cache.get(wasm).ok());

  EXPECT_TRUE(cache.find(wasm).ok());
}

TEST_F(ModuleCacheTest, WhatIsUnusedForLongestGoesWhenThereIsTooMuch) {
  settings.bytes_max = 1;
  const ModuleCache cache(test_engine(), settings);
  ASSERT_TRUE(cache.get(wasm).ok());
  const std::string other = assemble(
      "(module (memory (export \"memory\") 2) (func (export \"proxy_abi_version_0_2_0\"))"
      "(func (export \"malloc\") (param i32) (result i32) (i32.const 0)))");

  ASSERT_TRUE(cache.get(other).ok());

  EXPECT_EQ(files().size(), 1u);
  EXPECT_TRUE(cache.find(other).ok());
}

TEST_F(ModuleCacheTest, AModuleIsCompiledInAProcessOfItsOwn) {
  settings.compiler = child;

  const auto module = ModuleCache(test_engine(), settings).get(wasm);

  EXPECT_TRUE(module.ok()) << module.error().what;
}

TEST_F(ModuleCacheTest, AProcessThatRefusesTheModuleSaysWhy) {
  std::string broken = assemble(
      "(module (memory (export \"memory\") 1) (func (export \"proxy_abi_version_0_2_1\"))"
      "(func (export \"malloc\") (param i32) (result i32) (i32.const 0))"
      "(func (result i32) (i32.const 7)))");
  broken[broken.size() - 3] = '\x1a';
  settings.compiler = child;

  const auto module = ModuleCache(test_engine(), settings).get(broken);

  ASSERT_FALSE(module.ok());
  EXPECT_EQ(module.error().code, Errc::invalid_argument);
  EXPECT_TRUE(module.error().what.starts_with("invalid module: ")) << module.error().what;
  EXPECT_TRUE(files().empty());
}

TEST_F(ModuleCacheTest, AProcessThatTakesTooLongIsEnded) {
  settings.compiler = {"/bin/sh", "-c", "exec sleep 1000"};
  settings.limits.time = std::chrono::milliseconds(50);

  const auto module = ModuleCache(test_engine(), settings).get(wasm);

  ASSERT_FALSE(module.ok());
  EXPECT_EQ(module.error().code, Errc::exhausted);
}

TEST_F(ModuleCacheTest, AProcessThatDiesIsReported) {
  settings.compiler = {"/bin/sh", "-c", "kill -9 $$"};

  EXPECT_EQ(ModuleCache(test_engine(), settings).get(wasm).error().code, Errc::exhausted);
}

TEST_F(ModuleCacheTest, AProcessThatCannotBeRunIsReported) {
  settings.compiler = {"/nonexistent/compiler"};

  EXPECT_EQ(ModuleCache(test_engine(), settings).get(wasm).error().what,
            "the compiling process cannot be run");
}

TEST_F(ModuleCacheTest, WhatAProcessSaysIsBounded) {
  settings.compiler = {"/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; exit 1"};

  EXPECT_LE(ModuleCache(test_engine(), settings).get(wasm).error().what.size(), 16'384u);
}

}  // namespace
}  // namespace mynah::wasm
