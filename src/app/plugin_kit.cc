// SPDX-License-Identifier: Apache-2.0
// Building and testing a plug-in's folder: compilers as child processes, the identity from a module
// that is built to tell it, stories on the module in this process.
#include "app/plugin_kit.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "abi/abi.h"
#include "aio/files.h"
#include "app/plugin_reference.h"
#include "app/program_path.h"
#include "base/json.h"
#include "base/text.h"
#include "story/describe.h"
#include "story/plugin_stage.h"
#include "story/run.h"
#include "wasm/inspect.h"
#include "wasm/module.h"

namespace mynah {
namespace {

namespace fs = std::filesystem;
using Command = std::vector<std::string>;

constexpr std::string_view kPackages =
    "clang-19 lld-19 libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32 "
    "wasi-libc";
constexpr std::size_t kSourcesMax = 256;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);  // tidy: allow printf: the command's answer
}

std::optional<fs::path> find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "/usr/bin" : path, ':')) {
    const fs::path file = fs::path(folder) / name;
    if (::access(file.c_str(), X_OK) == 0 && !fs::is_directory(file)) return file;
  }
  return std::nullopt;
}

struct Kit {
  fs::path folder;
  fs::path compiler;
  std::optional<fs::path> shrinker;
};

Result<Kit> find_kit() {
  Kit kit;
  kit.folder = program_path().parent_path().parent_path() / "sdk-kit";
  if (!fs::exists(kit.folder / "lib" / "libmynah.a")) {
    return Error{Errc::not_found,
                 cat("the SDK is not beside this program: there is no ", kit.folder.string())};
  }
  const char* chosen = std::getenv("MYNAH_WASM_CXX");
  const std::string name = chosen == nullptr ? "clang++-19" : chosen;
  const auto compiler = name.contains('/') ? std::optional<fs::path>(name) : find_program(name);
  if (!compiler || !fs::exists(*compiler)) {
    return Error{Errc::not_found,
                 cat("there is no compiler ", name, "; on Debian and Ubuntu: ", "apt-get install ",
                     kPackages, ". MYNAH_WASM_CXX names another one.")};
  }
  kit.compiler = *compiler;
  kit.shrinker = find_program("wasm-opt");
  return kit;
}

// Runs the command to its end; its output is this process's. `what` says what failed, if it did.
Status run(const Command& command, std::string_view what) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, words[0], nullptr, nullptr, words.data(), environ);
  if (failed != 0)
    return Error{Errc::unavailable, cat("cannot run ", command[0], ": ", std::strerror(failed))};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ok();
  return Error{Errc::invalid_argument, std::string(what)};
}

Result<std::vector<fs::path>> files_with(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ending) found.push_back(entry.path());
  }
  if (failed)
    return Error{Errc::not_found, cat("cannot read ", folder.string(), ": ", failed.message())};
  if (found.size() > kSourcesMax)
    return Error{Errc::too_large, cat(folder.string(), " holds more than ", kSourcesMax, " files")};
  std::ranges::sort(found);
  return found;
}

// The two programs of one plug-in: the module, and the one that tells what it is.
enum class Kind { module, describe };

Command compile_command(const Kit& kit, Kind kind, const fs::path& source, const fs::path& object) {
  Command command = {kit.compiler.string(),
                     cat("@", (kit.folder / "compile.flags").string()),
                     cat("-I", (kit.folder / "include").string()),
                     cat("-ffile-prefix-map=", source.parent_path().string(), "/="),
                     "-c",
                     source.string(),
                     "-o",
                     object.string()};
  if (kind == Kind::describe) command.insert(command.begin() + 1, "-DMYNAH_DESCRIBE");
  return command;
}

Command link_command(const Kit& kit, Kind kind, const std::vector<std::string>& objects,
                     const fs::path& module) {
  Command command = {kit.compiler.string(), cat("@", (kit.folder / "link.flags").string())};
  if (kind == Kind::module) {
    command.emplace_back("-Wl,-u,proxy_on_request_headers");
  } else {
    // It is thrown away, and what spells numbers brings large tables.
    command.emplace_back("-Wl,-u,proxy_on_vm_start,--initial-memory=1048576");
  }
  command.insert(command.end(), objects.begin(), objects.end());
  if (kind == Kind::describe)
    command.push_back((kit.folder / "lib" / "libmynah-describe.a").string());
  if (kind == Kind::module) command.push_back((kit.folder / "lib" / "libmynah.a").string());
  command.push_back(cat("@", (kit.folder / "libraries.flags").string()));
  command.emplace_back("-o");
  command.push_back(module.string());
  return command;
}

// Compiles every source once for each program. A mistake is told once: the module comes first.
Status compile(const Kit& kit, const std::vector<fs::path>& sources, const fs::path& work) {
  for (const fs::path& source : sources) {
    const std::string stem = source.stem().string();
    const std::string what = cat("cannot compile ", source.string());
    MYNAH_OK(run(compile_command(kit, Kind::module, source, work / cat(stem, ".module.o")), what));
    MYNAH_OK(
        run(compile_command(kit, Kind::describe, source, work / cat(stem, ".describe.o")), what));
  }
  return ok();
}

std::vector<std::string> objects_of(const std::vector<fs::path>& sources, const fs::path& work,
                                    std::string_view kind) {
  std::vector<std::string> objects;
  for (const fs::path& source : sources)
    objects.push_back((work / cat(source.stem().string(), ".", kind, ".o")).string());
  return objects;
}

// custom section := 0x00, size, name's size, name, bytes; sizes in LEB128
std::string leb128(std::size_t number) {
  std::string bytes;
  do {
    const auto low = static_cast<unsigned char>(number & 0x7FU);
    number >>= 7U;
    bytes += static_cast<char>(number == 0 ? low : low | 0x80U);
  } while (number > 0);
  return bytes;
}

std::string custom_section(std::string_view name, std::string_view bytes) {
  const std::string inside = cat(leb128(name.size()), name, bytes);
  return cat('\0', leb128(inside.size()), inside);
}

std::string in_kilobytes(std::size_t bytes) {
  return cat(bytes / 1000, ".", bytes % 1000 / 100, " KB");
}

Status no_toolchain(const Status& status) {
  if (status || fs::exists("/usr/include/wasm32-wasi")) return status;
  return Error{Errc::not_found,
               cat(status.error().what, "; is the C library for WebAssembly there? ",
                   "On Debian and Ubuntu: apt-get install ", kPackages)};
}

}  // namespace

Result<BuiltPlugin> build_plugin(const fs::path& given, Hosts hosts) {
  std::error_code failed;
  const fs::path folder = fs::canonical(given, failed);
  if (failed) return Error{Errc::not_found, cat("there is no folder ", given.string())};
  MYNAH_LET(const auto sources, files_with(folder, ".cc"));
  if (sources.empty())
    return Error{Errc::not_found, cat(given.string(), " holds no source: no file *.cc")};
  MYNAH_LET(const Kit kit, find_kit());
  const fs::path work = folder / "build";
  fs::create_directories(work, failed);
  if (failed)
    return Error{Errc::denied, cat("cannot make ", work.string(), ": ", failed.message())};

  if (const Status compiled = no_toolchain(compile(kit, sources, work)); !compiled)
    return compiled.error();
  const fs::path code = work / "code.wasm";
  const fs::path describing = work / "describe.wasm";
  std::vector<std::string> objects = objects_of(sources, work, "module");
  if (hosts == Hosts::without_redis)
    objects.push_back((kit.folder / "lib" / "no_redis.o").string());
  MYNAH_OK(run(link_command(kit, Kind::module, objects, code), "cannot link the plug-in"));
  MYNAH_OK(run(link_command(kit, Kind::describe, objects_of(sources, work, "describe"), describing),
               "cannot link the plug-in"));
  if (kit.shrinker) {
    MYNAH_LET(const std::string flags, read_file((kit.folder / "shrink.flags").string(), 65'536));
    Command shrink = {kit.shrinker->string()};
    for (const std::string_view flag : split(trim(flags), '\n')) shrink.emplace_back(flag);
    for (const std::string& word : {code.string(), std::string("-o"), code.string()})
      shrink.push_back(word);
    MYNAH_OK(run(shrink, "wasm-opt fails"));
  }

  constexpr std::size_t kMost = wasm::Module::kMaxBytes;
  MYNAH_LET(const std::string telling, read_file(describing.string(), kMost));
  MYNAH_LET(const std::string identity, story::identity_of(telling));
  MYNAH_LET(const Json parsed, Json::parse(identity));
  BuiltPlugin built;
  MYNAH_LET(built.bytes, read_file(code.string(), kMost));
  built.bytes += custom_section(abi::kIdentitySection, identity);
  const std::string id = parsed.text("id");
  built.module = work / cat(id, hosts == Hosts::without_redis ? "-without-redis" : "", ".wasm");
  MYNAH_OK(write_file_atomically(built.module.string(), built.bytes));
  MYNAH_OK(write_file_atomically((work / cat(id, ".md")).string(), reference_page(parsed.root())));
  for (const fs::path& left : {code, describing}) fs::remove(left, failed);
  const wasm::Inspection found = wasm::inspect(built.bytes);
  if (found.refusal) return Error{*found.refusal}.within(cat(id, " does not run here"));
  say(cat(built.module.string(), "\n  ", parsed.text("name"), " ", parsed.text("version"), ": ",
          parsed.text("description"), "\n  ", in_kilobytes(built.bytes.size()), ", stage ",
          parsed.text("stage"), ", priority ", parsed.text("priority"), ", for gateways from ",
          parsed.text("min_gateway_version"), "\n"));
  if (!kit.shrinker)
    say("  wasm-opt is not installed: the module could be a tenth smaller (package binaryen)\n");
  return built;
}

Status test_plugin(const fs::path& folder) {
  MYNAH_LET(const BuiltPlugin built, build_plugin(folder, Hosts::with_redis));
  MYNAH_LET(const auto stories, files_with(folder / "stories", ".story"));
  MYNAH_LET(const auto machine, story::wasm_machine(built.bytes));
  const auto stage = story::plugin_stage(machine);
  story::Tally tally;
  for (const fs::path& file : stories) MYNAH_OK(story::run_file(file.string(), *stage, tally));
  if (tally.stories == 0)
    return Error{Errc::not_found, cat("no story in ", (folder / "stories").string())};
  say(cat(tally.failures, tally.stories, " stories, ", tally.failed, " failed\n"));
  if (tally.failed > 0)
    return Error{Errc::invalid_argument, "the plug-in does not do what its stories say"};
  return ok();
}

}  // namespace mynah
