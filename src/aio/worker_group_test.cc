// SPDX-License-Identifier: Apache-2.0
// Goal: each worker has a thread and a loop of its own, and work reaches all of them.
#include "aio/worker_group.h"

#include <atomic>
#include <pthread.h>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(WorkerGroup, RunsWorkOnEachThread) {
  auto workers = *WorkerGroup::start({.name = "test", .count = 3});
  std::vector<std::string> names(3);
  std::vector<std::thread::id> ids(3);

  workers->run_on_all([&](Loop& loop, std::size_t index) {
    char name[16] = {};
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    names[index] = name;
    ids[index] = std::this_thread::get_id();
    EXPECT_EQ(&loop, &workers->loop(index));
  });

  EXPECT_EQ(names, (std::vector<std::string>{"test-0", "test-1", "test-2"}));
  EXPECT_EQ(std::set<std::thread::id>(ids.begin(), ids.end()).size(), 3u);
}

TEST(WorkerGroup, KeepsTheOrderOfWhatIsPosted) {
  auto workers = *WorkerGroup::start({.count = 2});
  std::vector<std::string> order(2);
  workers->post_to_all([&](Loop&, std::size_t index) { order[index] += 'a'; });
  workers->post_to_all([&](Loop&, std::size_t index) { order[index] += 'b'; });

  workers->run_on_all([&](Loop&, std::size_t index) { order[index] += 'c'; });

  EXPECT_EQ(order, (std::vector<std::string>{"abc", "abc"}));
}

TEST(WorkerGroup, StopsTwice) {
  auto workers = *WorkerGroup::start({.count = 2, .pin = true});
  workers->stop();
  workers->stop();
}

}  // namespace
}  // namespace mynah
