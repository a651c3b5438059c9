// SPDX-License-Identifier: Apache-2.0
// The module goes to the child as a file in memory on standard input; compiled code comes back as a
// file on disk, an error as text on standard output and its code as exit code.
#include "wasm/compile_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/text.h"
#include "wasm/module.h"

namespace mynah::wasm {
namespace {

constexpr std::size_t kMaxMessage = 16'384;
constexpr int kCannotRun = 127;  // as shells say it
constexpr rlim_t kMaxFiles = 256;

class Descriptor final {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

Error system_error(std::string_view action) {
  return {Errc::internal, cat("compile a module: ", action, ": ", std::strerror(errno))};
}

Result<Descriptor> file_in_memory(std::string_view bytes) {
  Descriptor file(::memfd_create("module", MFD_CLOEXEC));
  if (file.get() < 0) return system_error("memfd_create");
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0) return system_error("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return system_error("lseek");
  return file;
}

void limit(decltype(RLIMIT_AS) what, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(what, &both);
}

// Between fork and exec only what is safe after a fork of a process with threads.
[[noreturn]] void become_child(char* const* arguments, char* const* environment, int input,
                               int output, const CompileLimits& limits) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (limits.memory_bytes != 0) limit(RLIMIT_AS, limits.memory_bytes);
  limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor_time.count()));
  limit(RLIMIT_FSIZE, limits.native_bytes);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, kMaxFiles);
  ::execve(arguments[0], arguments, environment);
  ::_exit(kCannotRun);
}

// Few arenas and threads, so that the limit of address space measures what is used.
std::vector<std::string> child_environment() {
  return {"MALLOC_ARENA_MAX=2", "RAYON_NUM_THREADS=2", "PATH=/usr/bin:/bin"};
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Reads until the other end is closed, the time is over (false), or more has come than anybody
// wants to read.
bool read_until_closed(int fd, std::chrono::milliseconds time, std::string& text) {
  // tidy: allow now: a process of the operating system runs in real time
  const auto deadline = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        // tidy: allow now: a process of the operating system runs in real time
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wait{fd, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::min<long>(left.count(), 1'000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    char buffer[4096];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0) return true;
    append(text,
           std::string_view(buffer, std::min(static_cast<std::size_t>(count),
                                             kMaxMessage - std::min(kMaxMessage, text.size()))));
  }
}

Status outcome(int status, bool in_time, std::string message, const CompileLimits& limits) {
  if (!in_time) {
    return Error{Errc::exhausted,
                 cat("compiling the module took longer than ", limits.time.count(), " ms")};
  }
  if (WIFSIGNALED(status)) {
    return Error{Errc::exhausted,
                 cat("compiling the module was ended by signal ", WTERMSIG(status),
                     WTERMSIG(status) == SIGXCPU ? " (processor time)" : " (memory, most likely)")};
  }
  const int code = WEXITSTATUS(status);
  if (code == 0) return ok();
  if (code == kCannotRun) return Error{Errc::internal, "the compiling process cannot be run"};
  const int last = static_cast<int>(Errc::internal);
  const Errc errc = code - 1 <= last ? static_cast<Errc>(code - 1) : Errc::internal;
  return Error{errc, message.empty() ? cat("compiling the module failed with code ", code)
                                     : std::move(message)};
}

}  // namespace

Status compile_in_process(std::span<const std::string> command, std::string_view wasm,
                          const std::string& native_path, const CompileLimits& limits) {
  MYNAH_LET(Descriptor module, file_in_memory(wasm));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe");
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);

  std::vector<std::string> arguments(command.begin(), command.end());
  arguments.push_back(native_path);
  std::vector<std::string> environment = child_environment();
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const pid_t child = ::fork();
  if (child < 0) return system_error("fork");
  if (child == 0) {
    become_child(argument_pointers.data(), environment_pointers.data(), module.get(), writing.get(),
                 limits);
  }
  writing.close();
  std::string message;
  const bool in_time = read_until_closed(reading.get(), limits.time, message);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return system_error("waitpid");
  }
  return outcome(status, in_time, std::move(message), limits);
}

int compile_child_main(const std::string& native_path) {
  const auto run = [&]() -> Status {
    std::string wasm;
    char buffer[65'536];
    for (ssize_t count = 0; (count = ::read(STDIN_FILENO, buffer, sizeof buffer)) > 0;) {
      wasm.append(buffer, static_cast<std::size_t>(count));
      if (wasm.size() > Module::kMaxBytes) break;
    }
    MYNAH_LET(const auto engine, Engine::create());
    MYNAH_LET(const auto module, Module::compile(*engine, wasm));
    MYNAH_LET(const std::string native, module->serialize());
    std::ofstream file(native_path, std::ios::binary | std::ios::trunc);
    file.write(native.data(), static_cast<std::streamsize>(native.size()));
    file.close();
    if (file.fail()) return Error{Errc::internal, cat("cannot write ", native_path)};
    return ok();
  };
  const Status done = run();
  if (done) return 0;
  const std::string& what = done.error().what;
  // Nobody is left to tell when this fails.
  [[maybe_unused]] const ssize_t told = ::write(STDOUT_FILENO, what.data(), what.size());
  return static_cast<int>(done.error().code) + 1;
}

}  // namespace mynah::wasm
