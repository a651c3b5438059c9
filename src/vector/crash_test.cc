// SPDX-License-Identifier: Apache-2.0
// A process that writes is killed at a random moment, again and again, on the same folder. After
// each death the database opens, shows whole documents only, and has every change that was reported
// written. MYNAH_CRASHES sets how many deaths.
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "aio/loop.h"
#include "aio/testing.h"
#include "base/text.h"
#include "vector/database.h"

namespace mynah::vector {
namespace {

constexpr int kIds = 40;
constexpr std::size_t kDimension = 24;

DatabaseOptions options_in(const std::string& folder, std::uint64_t cycle) {
  DatabaseOptions options;
  options.folder = folder;
  options.disk.sync = cycle % 2 == 0 ? SyncPolicy::never : SyncPolicy::always;
  options.disk.log_bytes = 16 << 10;
  options.disk.snapshot_after_bytes = 32 << 10;
  return options;
}

// All components tell the number, and so does the field.
NewDocument document_of(std::int64_t number) {
  NewDocument document;
  document.id = cat("k", number % kIds);
  document.vector.emplace(kDimension, static_cast<float>(number % 100 + 1));
  document.fields = *pack_fields(Json::parse(cat("{\"n\":", number, "}"))->root());
  return document;
}

// Number n puts document n; every seventh erases the one of three before it.
void change(Database& database, std::int64_t number) {
  if (number % 7 == 0) {
    MYNAH_CHECK(database.erase("kept", "", {cat("k", (number - 3) % kIds)}).has_value());
    return;
  }
  std::vector<NewDocument> documents;
  documents.push_back(document_of(number));
  MYNAH_CHECK(database.write(WriteKind::upsert, "kept", "", std::move(documents)).has_value());
}

// The number that the document of that index should carry after `number` changes; 0: none.
std::int64_t expected(std::int64_t number, std::int64_t index) {
  for (std::int64_t n = number; n > 0 && n > number - 2 * kIds; --n) {
    if (n % 7 == 0 && (n - 3) % kIds == index) return 0;
    if (n % 7 != 0 && n % kIds == index) return n;
  }
  return 0;
}

// Writes until it is killed; tells through the pipe the number of each change once it is on disk.
[[noreturn]] void write_until_killed(const std::string& folder, std::uint64_t cycle,
                                     std::int64_t from, int pipe) {
  const SystemClock clock;
  auto opened = Database::open(options_in(folder, cycle), clock);
  if (!opened) ::_exit(1);
  Database& database = **opened;
  if (from == 0 && !database.describe("kept"))
    MYNAH_CHECK(database.create({.name = "kept", .dimension = kDimension}).has_value());
  std::deque<std::pair<std::uint64_t, std::int64_t>> waiting;
  for (std::int64_t number = from + 1;; ++number) {
    change(database, number);
    waiting.emplace_back(database.latest(), number);
    while (!waiting.empty() && waiting.front().first <= database.durable()) {
      if (::write(pipe, &waiting.front().second, sizeof(std::int64_t)) < 0) ::_exit(1);
      waiting.pop_front();
    }
  }
}

std::int64_t last_told(int pipe, std::int64_t fallback) {
  std::int64_t number = 0;
  while (::read(pipe, &number, sizeof number) == sizeof number) fallback = number;
  return fallback;
}

struct Seen {
  std::int64_t changes = -1;  // below 0: there is a fault
  std::string fault;
};
constexpr std::int64_t kNoMoment = -2;

// How many changes the folder shows, in this process: the documents must be those of exactly so
// many.
Seen look(const std::string& folder) {
  const SystemClock clock;
  auto options = options_in(folder, 0);
  options.background = Background::by_hand;
  auto opened = Database::open(std::move(options), clock);
  if (!opened) return {-1, opened.error().what};
  Database& database = **opened;
  std::vector<std::string> ids;
  for (int i = 0; i < kIds; ++i) ids.push_back(cat("k", i));
  const auto found = database.fetch("kept", "", ids);
  if (!found) return {0, ""};
  std::vector<std::int64_t> held(kIds, 0);
  std::int64_t newest = 0;
  for (const FoundDocument& document : *found) {
    const std::int64_t number = find_field(document.fields, "n")->integer;
    held[static_cast<std::size_t>(number % kIds)] = number;
    newest = std::max(newest, number);
    for (const float x : document.vector) {
      if (std::abs(x - static_cast<float>(number % 100 + 1)) > 0.01F)
        return {-1, cat("a vector in part at ", number)};
    }
  }
  // The last changes may have been an erasure.
  for (std::int64_t count = newest; count <= newest + 1; ++count) {
    bool fits = true;
    for (std::int64_t i = 0; i < kIds; ++i)
      fits = fits && held[static_cast<std::size_t>(i)] == expected(count, i);
    if (fits) return {count, ""};
  }
  return {kNoMoment, cat("not the state after any number of changes; newest ", newest)};
}

void damage_last_log(const std::string& folder, std::mt19937_64& dice) {
  std::filesystem::path last;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("log-") && entry.path() > last)
      last = entry.path();
  }
  if (last.empty()) return;
  const auto size = std::filesystem::file_size(last);
  std::filesystem::resize_file(last, size - std::min<std::uintmax_t>(size, dice() % 64));
}

TEST(Crash, a_killed_process_leaves_whole_documents_and_all_that_it_reported) {
  const char* set = std::getenv("MYNAH_CRASHES");
  const std::uint64_t cycles = set == nullptr ? 200 : std::strtoull(set, nullptr, 10);
  const TempFolder folder;
  const std::string path = folder.file("vectors");
  std::mt19937_64 dice(3);
  std::int64_t known = 0;
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    ASSERT_GE(::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20), 0);
    ASSERT_EQ(::fcntl(pipe[0], F_SETFL, O_NONBLOCK), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(path, cycle, known, pipe[1]);
    ::poll(nullptr, 0, static_cast<int>(dice() % 25));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(pipe[1]);
    const std::int64_t told = last_told(pipe[0], known);
    ::close(pipe[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself in cycle " << cycle;

    if (!std::filesystem::exists(path)) continue;
    const bool torn = cycle % 5 == 4;
    if (torn) damage_last_log(path, dice);
    const Seen seen = look(path);
    if (torn && seen.changes == kNoMoment) {
      // A snapshot ran ahead of the log, which was cut where no crash cuts it: after a sync.
      std::filesystem::remove_all(path);
      known = 0;
      continue;
    }
    ASSERT_GE(seen.changes, torn ? 0 : told) << "cycle " << cycle << ": " << seen.fault;
    known = seen.changes;
  }
  EXPECT_GT(known, 0);
}

}  // namespace
}  // namespace mynah::vector
