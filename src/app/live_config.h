// SPDX-License-Identifier: Apache-2.0
// LiveConfig: the configuration in force, and how the next one comes into force: from the file,
// when it is read anew, and from the admin API, when it changes what is kept beside the file.
//
// - One change at a time, in the order in which they are asked for; what waits is bounded. Reading,
//   compiling and starting plug-ins happen on a thread of their own, so that the control thread
//   goes on answering; workers serve meanwhile with what they have.
// - All workers take a configuration or none. What the API changes is on the disk before the
// workers
//   take it, and is not kept when they do not.
// - It lives on the control thread, and is destroyed before the workers.
// tidy: allow-file shared_ptr: generations are shared by those who use them
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/event.h"
#include "aio/loop.h"
#include "aio/pool.h"
#include "aio/scope.h"
#include "aio/worker_group.h"
#include "base/log.h"
#include "base/metrics.h"
#include "control/admin/events.h"
#include "control/admin/kept_objects.h"
#include "control/config/load.h"
#include "gateway/plugin_loader.h"
#include "gateway/worker.h"

namespace mynah {

class LiveConfig final {
 public:
  static constexpr std::size_t kWaitingMax = 100;

  // All of it outlives the object.
  struct Parts {
    Loop& loop;
    WorkerGroup& group;
    std::vector<std::unique_ptr<Worker>>& workers;
    PluginLoader& loader;
    control::KeptObjects& kept;
    control::Events& events;
    Logger& logger;
    CounterFamily& reloads;
    std::string path;  // Of the file. Empty: the defaults.
    const control::Environment& environment;
  };

  // Reads what is to be in force from the file and from beside it.
  static Result<control::Loaded> load(const std::string& path,
                                      const control::Environment& environment,
                                      const control::Overlay& overlay);

  explicit LiveConfig(Parts parts);

  // The first configuration, before the loop runs.
  Status begin(control::Loaded loaded);

  // What is in force.
  [[nodiscard]] const control::Loaded& loaded() const { return loaded_; }

  // Reads everything anew. A bad configuration is refused, the log says why, and the running one
  // stays.
  Task<Status> reload();
  // The same, without waiting for it.
  void request_reload();

  // See control::ChangeObjects.
  Task<Status> change(std::vector<control::ObjectChange> changes, control::Author author);

 private:
  // A configuration with everything that takes long to make.
  struct Next {
    control::Loaded loaded;
    std::shared_ptr<const Blueprint> blueprint;
    std::vector<PluginMachines> machines;  // One for each worker.
  };
  struct Job;

  std::shared_ptr<Job> enqueue(std::vector<control::ObjectChange> changes, control::Author author);
  static Task<Status> outcome_of(std::shared_ptr<Job> job);
  static Task<> work(LiveConfig& self);
  Task<Status> perform(const Job& job);
  Status check_changes(const control::Overlay& kept,
                       const std::vector<control::ObjectChange>& changes) const;
  Result<Next> make(control::Loaded loaded, const Blueprint* previous) const;
  Result<std::vector<PluginMachines>> start_machines(const Blueprint& next,
                                                     const Blueprint* previous) const;
  Status take(Next next, const std::vector<control::ObjectChange>& changes,
              const control::Author& author);
  void tell(const Job& job, const Status& outcome);
  void tell_of(const control::ObjectChange& change, const control::Author& author);

  Parts parts_;
  control::Loaded loaded_;
  std::shared_ptr<const Blueprint> blueprint_;
  std::deque<std::shared_ptr<Job>> waiting_;
  Event arrived_;
  BlockingPool pool_;
  Scope working_;
};

}  // namespace mynah
