// SPDX-License-Identifier: Apache-2.0
// Engine: what compiles and runs WebAssembly in this process. Module: one plug-in file, checked and
// compiled; immutable, shared by all workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wasm/binary.h"

namespace mynah::wasm {

enum class AbiVersion : std::uint8_t { v0_1_0, v0_2_0, v0_2_1, v0_2_100 };
std::string_view name_of(AbiVersion version);

// One a process; it outlives modules and machines. All functions may be called on any thread.
class Engine final {
 public:
  static Result<std::unique_ptr<Engine>> create();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // Time limits are counted in ticks: somebody calls tick() this often, or no limit ever strikes.
  static constexpr std::chrono::milliseconds kTickPeriod{10};
  void tick();

  // What compiled code depends on beside the module: the engine's version and settings, the
  // processor's abilities.
  [[nodiscard]] const std::string& fingerprint() const;

  struct Parts;
  [[nodiscard]] Parts& parts() const { return *parts_; }

 private:
  explicit Engine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

class Module final {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

  // Checks and compiles a file's bytes in this process, which takes seconds for a large module and
  // as much memory as it likes: for code that is trusted, for tests, and for the child of
  // compile.h.
  static Result<std::shared_ptr<const Module>> compile(Engine& engine, std::string_view wasm);
  // Checks the file's bytes and takes the compiled code from a file that serialize() has filled.
  // Errc::unsupported when that code is not for this engine or processor.
  static Result<std::shared_ptr<const Module>> load(Engine& engine, std::string_view wasm,
                                                    const std::string& native_path);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  [[nodiscard]] Result<std::string> serialize() const;

  [[nodiscard]] AbiVersion abi_version() const { return abi_version_; }
  [[nodiscard]] const Binary& binary() const { return binary_; }
  // The hash of the file's bytes, in hexadecimal.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  struct Parts;
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  Module() = default;
  static Result<std::unique_ptr<Module>> checked(std::string_view wasm);
  Status link(Engine& engine);

  std::unique_ptr<Parts> parts_;
  AbiVersion abi_version_ = AbiVersion::v0_2_1;
  Binary binary_;
  std::string sha256_;
  std::size_t bytes_ = 0;
};

// Whether this host can run a module, from its bytes alone: which version it speaks, or why it
// cannot be run; `flaw`, if given, says of which kind that is.
Result<AbiVersion> check_module(const Binary& binary, Flaw* flaw = nullptr);

std::string sha256_hex(std::string_view bytes);

}  // namespace mynah::wasm
