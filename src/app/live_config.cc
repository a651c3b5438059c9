// SPDX-License-Identifier: Apache-2.0
// Making the next configuration, and handing it to the workers.
// tidy: allow-file thread: plug-ins start on threads of their own
// tidy: allow-file shared_ptr: a job is held by who works on it and by who waits for it
#include "app/live_config.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "aio/thread.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "gateway/supported.h"

namespace mynah {

struct LiveConfig::Job {
  explicit Job(Loop& loop) : done(loop) {}

  std::vector<control::ObjectChange> changes;  // None: the file is read anew.
  control::Author author;
  std::optional<Status> outcome;
  Event done;
};

Result<control::Loaded> LiveConfig::load(const std::string& path,
                                         const control::Environment& environment,
                                         const control::Overlay& overlay) {
  MYNAH_LET(auto loaded, path.empty() ? control::default_config(environment, overlay)
                                      : control::load_config(path, environment, overlay));
  MYNAH_OK(check_supported(*loaded.config));
  return loaded;
}

LiveConfig::LiveConfig(Parts parts)
    : parts_(std::move(parts)),
      arrived_(parts_.loop),
      pool_({.name = "configuration", .threads = 1}),
      working_(parts_.loop) {
  working_.spawn(&LiveConfig::work, std::ref(*this));
}

Status LiveConfig::begin(control::Loaded loaded) {
  MYNAH_LET(Next next, make(std::move(loaded), nullptr));
  return take(std::move(next), {}, {});
}

Task<Status> LiveConfig::reload() { co_return co_await outcome_of(enqueue({}, {})); }

void LiveConfig::request_reload() { enqueue({}, {}); }

Task<Status> LiveConfig::change(std::vector<control::ObjectChange> changes,
                                control::Author author) {
  co_return co_await outcome_of(enqueue(std::move(changes), std::move(author)));
}

std::shared_ptr<LiveConfig::Job> LiveConfig::enqueue(std::vector<control::ObjectChange> changes,
                                                     control::Author author) {
  auto job = std::make_shared<Job>(parts_.loop);
  job->changes = std::move(changes);
  job->author = std::move(author);
  if (waiting_.size() >= kWaitingMax) {
    job->outcome = Error{Errc::exhausted, "too many changes of the configuration wait"};
    return job;
  }
  waiting_.push_back(job);
  arrived_.set();
  return job;
}

// Who goes away while it waits leaves the job to whoever works on it.
Task<Status> LiveConfig::outcome_of(std::shared_ptr<Job> job) {
  if (!job->outcome) co_await job->done.wait();
  co_return *std::move(job->outcome);
}

Task<> LiveConfig::work(LiveConfig& self) {
  while (true) {
    while (self.waiting_.empty()) co_await self.arrived_.wait();
    const std::shared_ptr<Job> job = std::move(self.waiting_.front());
    self.waiting_.pop_front();
    job->outcome = co_await self.perform(*job);
    self.tell(*job, *job->outcome);
    job->done.set();
  }
}

// An equal configuration is taken as well: files that it names, certificates above all, may have
// changed.
Task<Status> LiveConfig::perform(const Job& job) {
  MYNAH_CO_LET(control::Overlay kept, parts_.kept.all());
  MYNAH_CO_OK(check_changes(kept, job.changes));
  const auto making = [this, overlay = control::changed(std::move(kept), job.changes),
                       previous = blueprint_] -> Result<Next> {
    MYNAH_LET(auto loaded, load(parts_.path, parts_.environment, overlay));
    return make(std::move(loaded), previous.get());
  };
  auto next = co_await pool_.run(parts_.loop, making);
  if (!next) {
    // Whatever is wrong with the configuration, to who asks for a change it is the change.
    const bool is_refusal = !job.changes.empty() && next.error().code != Errc::exhausted &&
                            next.error().code != Errc::cancelled;
    if (is_refusal) co_return Error{Errc::invalid_argument, next.error().what};
    co_return std::move(next).error();
  }
  co_return take(*std::move(next), job.changes, job.author);
}

Status LiveConfig::check_changes(const control::Overlay& kept,
                                 const std::vector<control::ObjectChange>& changes) const {
  for (const control::ObjectChange& change : changes) {
    const std::string_view word = control::word_for(change.kind);
    if (loaded_.in_file.contains({change.kind, change.name})) {
      return Error{Errc::already_exists,
                   cat("the ", word, " ", change.name, " stands in ",
                       parts_.path.empty() ? "the built-in configuration" : parts_.path,
                       " and is changed there")};
    }
    const control::KeptObject* const present = control::find_object(kept, change.kind, change.name);
    const std::string tag = present == nullptr ? "" : control::tag_of(present->json);
    if (change.if_tag && *change.if_tag != tag) {
      return Error{Errc::already_exists,
                   cat("the ", word, " ", change.name, " has changed meanwhile")};
    }
    if (!change.json && present == nullptr) {
      return Error{Errc::not_found, cat("there is no ", word, " named ", change.name)};
    }
  }
  return ok();
}

Result<LiveConfig::Next> LiveConfig::make(control::Loaded loaded, const Blueprint* previous) const {
  MYNAH_LET(auto code, parts_.loader.load(*loaded.config));
  auto blueprint = std::make_shared<const Blueprint>(loaded.config, std::move(code));
  MYNAH_LET(auto machines, start_machines(*blueprint, previous));
  return Next{std::move(loaded), std::move(blueprint), std::move(machines)};
}

// Plug-ins take their time to start: the workers' copies start beside each other.
Result<std::vector<PluginMachines>> LiveConfig::start_machines(const Blueprint& next,
                                                               const Blueprint* previous) const {
  std::vector<Result<PluginMachines>> started(parts_.workers.size(), PluginMachines());
  std::vector<std::thread> threads;
  threads.reserve(parts_.workers.size());
  for (std::size_t index = 0; index < parts_.workers.size(); ++index) {
    threads.push_back(start_thread("plug-ins", [&, index] {
      started[index] = parts_.workers[index]->start_machines(next, previous);
    }));
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<PluginMachines> machines;
  machines.reserve(started.size());
  for (auto& each : started) {
    MYNAH_LET(PluginMachines made, std::move(each));
    machines.push_back(std::move(made));
  }
  return machines;
}

// All workers take the configuration, or none; what changes beside the file is kept in between.
Status LiveConfig::take(Next next, const std::vector<control::ObjectChange>& changes,
                        const control::Author& author) {
  std::vector<Status> prepared(parts_.workers.size(), ok());
  parts_.group.run_on_all([&](Loop&, std::size_t index) {
    prepared[index] =
        parts_.workers[index]->prepare(next.blueprint, std::move(next.machines[index]));
  });
  Status outcome = ok();
  for (Status& each : prepared) {
    if (!each && outcome) outcome = std::move(each);
  }
  if (outcome && !changes.empty()) outcome = parts_.kept.keep(changes, author);
  parts_.group.run_on_all([&](Loop&, std::size_t index) {
    outcome ? parts_.workers[index]->commit() : parts_.workers[index]->forget_prepared();
  });
  if (!outcome) return outcome;
  loaded_ = std::move(next.loaded);
  blueprint_ = std::move(next.blueprint);
  return ok();
}

void LiveConfig::tell(const Job& job, const Status& outcome) {
  parts_.reloads.with({outcome ? "in_force" : "refused"}).add(Slot::shared());
  JsonWriter json;
  json.begin_object().member("state", outcome ? "in_force" : "refused");
  if (outcome) {
    parts_.logger.info("the configuration is in force");
  } else if (job.changes.empty()) {
    parts_.logger.error("the configuration is refused; the running one stays",
                        {{"error", outcome.error()}});
  } else {
    parts_.logger.warn("a change of the configuration is refused", {{"error", outcome.error()}});
  }
  if (!outcome) json.member("error", outcome.error().what);
  json.end_object();
  parts_.events.tell("configuration", std::move(json).take());
  if (outcome) {
    for (const control::ObjectChange& change : job.changes) tell_of(change, job.author);
  }
}

void LiveConfig::tell_of(const control::ObjectChange& change, const control::Author& author) {
  JsonWriter json;
  json.begin_object();
  json.member("kind", control::plural_of(change.kind)).member("name", change.name);
  json.member("change", change.json ? "put" : "delete").member("who", author.name);
  json.end_object();
  parts_.events.tell("object", std::move(json).take());
}

}  // namespace mynah
