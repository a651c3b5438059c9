// SPDX-License-Identifier: Apache-2.0
// What is refused and why: one file for each reason, then a few hundred that are made from them.
#include "market/inspection.h"

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "abi/callbacks.h"
#include "base/text.h"
#include "market/modules_testing.h"
#include "wasm/imports.h"
#include "wasm/world_testing.h"

namespace mynah::market {
namespace {

class InspectionTest : public testing::Test {
 protected:
  std::string code(std::string_view bytes) {
    const auto found = workshop.inspector().inspect(bytes);
    if (!found) return cat("error: ", found.error().what);
    return found->refusal ? std::string(name_of(found->refusal->code)) : "taken";
  }
  std::string sentence(std::string_view bytes) {
    const auto found = workshop.inspector().inspect(bytes);
    return found && found->refusal ? found->refusal->sentence : "taken";
  }

  Workshop workshop;
};

TEST_F(InspectionTest, APlugInIsTakenWithWhatItSaysOfItself) {
  const auto found = workshop.inspector().inspect(
      with_identity(R"({"id":"greeter","name":"Greeter","version":"1.2.0","stage":"authz",
                        "priority":310,"schema":{"type":"object"}})"));

  ASSERT_TRUE(found.ok()) << found.error().what;
  ASSERT_FALSE(found->refusal) << found->refusal->sentence;
  EXPECT_EQ(found->identity->id, "greeter");
  EXPECT_EQ(found->identity->priority, 310);
  EXPECT_EQ(found->identity->schema, R"({"type":"object"})");
  EXPECT_EQ(found->memory_bytes, 65'536u);
}

TEST_F(InspectionTest, ARealPlugInIsTaken) {
  EXPECT_EQ(code(wasm::read_test_file(cat(MYNAH_TEST_MODULES, "/probe.wasm"))), "taken");
}

TEST_F(InspectionTest, WhatIsNoModuleIsNamed) {
  EXPECT_EQ(code(""), "not-webassembly");
  EXPECT_EQ(code("\x7f"
                 "ELF"),
            "not-webassembly");
  EXPECT_EQ(code("PK\x03\x04 an archive"), "not-webassembly");
  EXPECT_EQ(code("(module)"), "text-format");
  EXPECT_EQ(code(";; a comment\n(module)"), "text-format");
  EXPECT_EQ(code(std::string("\0asm\x0d\0\1\0", 8)), "component");
  EXPECT_EQ(code(std::string("\0asm\2\0\0\0", 8)), "malformed");
  EXPECT_EQ(code(std::string("\0as", 3)), "truncated");
}

TEST_F(InspectionTest, AnOffsetTellsWhereAModuleStopsMakingSense) {
  std::string bytes = plugin();
  bytes[8] = '\x0e';

  EXPECT_EQ(code(bytes), "malformed");
  EXPECT_NE(sentence(bytes).find("at offset 8"), std::string::npos) << sentence(bytes);
}

TEST_F(InspectionTest, CodeThatDoesNotFitItsTypesIsMalformedAtAnOffset) {
  std::string bytes = plugin("(func (result i32) (i32.const 7))");
  bytes[bytes.rfind("\x41\x07") + 0] = '\x1a';

  EXPECT_EQ(code(bytes), "malformed");
  EXPECT_NE(sentence(bytes).find("offset"), std::string::npos) << sentence(bytes);
}

TEST_F(InspectionTest, ImportsAndExportsAreJudged) {
  EXPECT_EQ(code(plugin("(import \"env\" \"proxy_fly\" (func))")), "unknown-import");
  EXPECT_EQ(code(plugin("(import \"env\" \"proxy_log\" (func))")), "wrong-import");
  EXPECT_EQ(code(plugin("(import \"env\" \"proxy_log\" (global i32))")), "unknown-import");
  EXPECT_EQ(code(module("(func (export \"proxy_abi_version_0_2_1\"))")), "missing-export");
  EXPECT_EQ(code(plugin("(func (export \"proxy_on_tick\") (param i64))")), "wrong-export");
  EXPECT_EQ(code(module("(memory (export \"memory\") 1)")), "unknown-abi");
  EXPECT_EQ(code(module("(func (export \"proxy_abi_version_0_3_0\"))")), "unknown-abi");
}

TEST_F(InspectionTest, WhatAsksForTooMuchIsRefused) {
  EXPECT_EQ(code(module("(memory (export \"memory\") 60000)"
                        "(func (export \"proxy_abi_version_0_2_1\"))"
                        "(func (export \"malloc\") (param i32) (result i32) (i32.const 0))")),
            "too-much-memory");
  std::string large = plugin();
  append_custom(large, "filler", std::string(wasm::Module::kMaxBytes, 'x'));
  EXPECT_EQ(code(large), "too-large");
}

TEST_F(InspectionTest, ACompilerThatUsesUpItsLimitsIsStopped) {
  Workshop poor({.processor_time = std::chrono::seconds(1), .time = std::chrono::seconds(2)});

  const auto found = poor.inspector().inspect(costly_plugin());

  ASSERT_TRUE(found.ok()) << found.error().what;
  ASSERT_TRUE(found->refusal);
  EXPECT_EQ(name_of(found->refusal->code), "too-costly");
}

TEST_F(InspectionTest, WhatDoesNotStartIsRefused) {
  EXPECT_EQ(code(plugin("(func $s (unreachable)) (start $s)")), "does-not-start");
  EXPECT_EQ(code(plugin("(func $s (loop (br 0))) (start $s)")), "does-not-start");
  EXPECT_EQ(code(plugin("(func (export \"_initialize\") (unreachable))")), "does-not-start");
}

TEST_F(InspectionTest, APlugInTakesItsOwnExample) {
  constexpr std::string_view kRefusing =
      "(func (export \"proxy_on_configure\") (param i32 i32) (result i32) (i32.const 0))";

  EXPECT_EQ(code(with_identity(R"({"id":"shy","example":{"a":1}})", kRefusing)),
            "fails-on-its-example");
  EXPECT_EQ(code(with_identity(R"({"id":"shy"})", kRefusing)), "taken");
}

TEST_F(InspectionTest, WhatAPlugInSaysOfItselfIsJudged) {
  EXPECT_EQ(code(with_identity("not JSON")), "bad-identity");
  EXPECT_EQ(code(with_identity("[]")), "bad-identity");
  EXPECT_EQ(code(with_identity(R"({"id":7})")), "bad-identity");
  EXPECT_EQ(code(with_identity(R"({"priority":1e9})")), "bad-identity");
  EXPECT_EQ(code(with_identity(R"({"schema":[]})")), "bad-identity");
  EXPECT_EQ(code(with_identity(R"({"on_failure":"maybe"})")), "bad-identity");
  EXPECT_EQ(code(with_identity(R"({"id":"../etc"})")), "bad-id");
  EXPECT_EQ(code(with_identity(R"({"version":"one"})")), "bad-version");
  EXPECT_EQ(code(with_identity(R"({"stage":"late"})")), "bad-stage");
  EXPECT_EQ(code(with_identity(R"({"name":"a\u0000b"})")), "bad-name");
  EXPECT_EQ(code(with_identity(R"({"min_gateway_version":"99.0.0"})")), "not-for-this-gateway");
}

TEST_F(InspectionTest, FileNamesEndInWasm) {
  EXPECT_FALSE(check_file_name("my-filter.wasm"));
  EXPECT_EQ(check_file_name("my-filter.tar.gz")->code, RefusalCode::not_a_wasm_name);
  EXPECT_EQ(check_file_name(".wasm")->code, RefusalCode::not_a_wasm_name);
  EXPECT_EQ(check_file_name("")->code, RefusalCode::not_a_wasm_name);
}

// Every beginning of a module is refused as what it is: none is taken.
TEST_F(InspectionTest, NoPartOfAModuleIsTakenForAll) {
  const std::string whole =
      plugin("(func (export \"proxy_on_tick\") (param i32) (drop (local.get 0)))");
  std::size_t files = 0;
  for (std::size_t size = 0; size < whole.size(); ++size, ++files) {
    const std::string said = code(whole.substr(0, size));

    if (size == 0) {
      EXPECT_EQ(said, "not-webassembly");
    } else if (said != "truncated") {
      // Cut between two sections: well formed, but something that a plug-in has is not there.
      EXPECT_TRUE(said == "unknown-abi" || said == "malformed") << size << ": " << said;
    }
  }
  EXPECT_GT(files, 80u);
}

TEST_F(InspectionTest, EveryHostFunctionHasTheTypeThatItHas) {
  for (const wasm::HostFunction& function : wasm::host_functions()) {
    const std::string bytes = plugin(cat("(import \"", function.module, "\" \"", function.name,
                                         "\" (func (param f64) (result f64)))"));
    EXPECT_EQ(code(bytes), "wrong-import") << function.name;
    EXPECT_EQ(
        code(plugin(cat("(import \"", function.module, "\" \"", function.name, "_\" (func))"))),
        "unknown-import")
        << function.name;
  }
}

TEST_F(InspectionTest, EveryCallbackHasTheTypeThatItHas) {
  for (const abi::CallbackShape& shape : abi::kCallbackShapes) {
    EXPECT_EQ(code(plugin(cat("(func (export \"", shape.name, "\") (param f32))"))), "wrong-export")
        << shape.name;
    EXPECT_EQ(code(plugin(cat("(global (export \"", shape.name, "\") i32 (i32.const 0))"))),
              "wrong-export")
        << shape.name;
  }
}

// Bytes changed, taken out and put in at random, the same ones in every run. Most lie in sections
// that are read before anything is compiled.
TEST_F(InspectionTest, RealModulesThatWereDamagedAreRefusedOrTaken) {
  const std::string whole = wasm::read_test_file(cat(MYNAH_TEST_MODULES, "/probe.wasm"));
  std::mt19937 dice(7);
  std::size_t refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes = whole;
    for (unsigned edits = dice() % 4 + 1; edits > 0; --edits) {
      const std::size_t at = dice() % (i % 2 == 0 ? 2'000 : bytes.size());
      if (dice() % 3 == 0) {
        bytes.erase(at, dice() % 9);
      } else {
        bytes[at] = static_cast<char>(dice());
      }
    }
    refused += wasm::inspect(bytes).refusal ? 1U : 0U;
    if (i % 100 == 0) EXPECT_FALSE(code(bytes).starts_with("error")) << i << ": " << code(bytes);
  }
  EXPECT_GT(refused, 1'000u);
}

// A number in the place of a section's size makes it reach beyond the file, or end too early.
TEST_F(InspectionTest, SectionsOfWrongSizesAreRefused) {
  const std::string whole = plugin();
  for (const Place& section : sections_of(whole)) {
    for (const int by : {-3, -2, -1, 1, 2, 3, 50}) {
      std::string bytes = whole;
      bytes[section.size_at] = static_cast<char>(bytes[section.size_at] + by);
      const std::string said = code(bytes);
      EXPECT_TRUE(said == "truncated" || said == "malformed" || said == "unknown-abi")
          << section.size_at << ' ' << by << ": " << said;
    }
  }
}

TEST_F(InspectionTest, SectionsThatAreUnknownTwiceOrOutOfOrderAreMalformed) {
  const std::string whole = plugin();
  for (const Place& section : sections_of(whole)) {
    for (int id = 14; id < 20; ++id) {
      std::string bytes = whole;
      bytes[section.at] = static_cast<char>(id);
      EXPECT_EQ(code(bytes), "malformed") << section.at << ' ' << id;
    }
    const std::string twice = whole.substr(section.at, section.end - section.at);
    std::string bytes = whole;
    bytes.insert(section.at, twice);
    EXPECT_EQ(code(bytes), "malformed") << "twice " << section.at;
    EXPECT_EQ(code(cat(whole.substr(0, 8), whole.substr(section.at, section.end - section.at),
                       whole.substr(8))),
              "malformed")
        << "first " << section.at;
  }
}

// Wrong in one byte anywhere in the code: it is taken or refused, and nothing else happens.
TEST_F(InspectionTest, ChangedBytesOfCodeAreJudgedByTheCompiler) {
  const std::string whole = plugin(
      "(func (export \"proxy_on_tick\") (param i32) (loop (br_if 0 (i32.eqz (local.get 0)))))");
  const Place section = sections_of(whole).back();
  for (std::size_t at = section.size_at + 1; at < section.end; ++at) {
    std::string bytes = whole;
    bytes[at] = '\x7f';
    const std::string said = code(bytes);
    EXPECT_FALSE(said.starts_with("error")) << at << ": " << said;
  }
}

TEST_F(InspectionTest, NothingIsLeftWhereModulesAreCompiled) {
  code(plugin("(func (result i64) (i32.const 1))"));
  code(plugin("(import \"env\" \"proxy_fly\" (func))"));

  EXPECT_TRUE(std::filesystem::is_empty(workshop.folder()));
}

}  // namespace
}  // namespace mynah::market
