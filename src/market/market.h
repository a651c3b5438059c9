// SPDX-License-Identifier: Apache-2.0
// Market: publishing plug-ins and enabling them, with the calls of the admin API that do so. It
// joins the catalogue, which knows what there is, to the objects kept beside the configuration
// file, which say what runs where.
//
// - A plug-in that is enabled here is a kept object with its version written out. Following the
//   newest version means that publishing changes that object too, by the same transaction that
//   tries it first: one that does not start with the configurations in use stays published, and the
//   one before it goes on running.
// - Changes happen one after another, each to its end, also when the one who asked has gone away.
// - It lives on the control thread; files are looked at on the pool.
// tidy: allow-file shared_ptr: a job is held by who works on it and by who waits for it
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/event.h"
#include "aio/loop.h"
#include "aio/pool.h"
#include "aio/scope.h"
#include "control/admin/api_call.h"
#include "control/admin/audit.h"
#include "control/admin/events.h"
#include "control/admin/kept_objects.h"
#include "market/builtins.h"
#include "market/catalogue.h"
#include "market/inspection.h"
#include "market/offer.h"
#include "market/plugin_use.h"

namespace mynah::market {

// A plug-in of the configuration file: its id, and how the API shows it.
struct FilePlugin {
  std::string id;
  std::string json;
};

class Market final {
 public:
  static constexpr std::size_t kFormBytesMax = wasm::Module::kMaxBytes + (std::size_t{1} << 20);
  static constexpr std::size_t kWaitingMax = 32;

  // All of it outlives the market.
  struct Parts {
    Loop& loop;
    BlockingPool& pool;
    Catalogue& catalogue;
    const Inspector& inspector;
    control::KeptObjects& kept;
    control::AuditLog& audit;
    control::Events& events;
    control::ChangeObjects change;
    std::function<Task<Status>()> reload;  // Reads the configuration anew, and tries it.
    std::function<std::vector<FilePlugin>()> in_file;
    std::vector<Builtin> builtins;
    std::string gateway_version;
  };

  explicit Market(Parts parts);

  control::ApiCallSet calls();

 private:
  using Context = control::ApiCall::Context;
  using Answer = control::ApiResponse;
  struct Job;

  static Task<> work(Market& self);
  Task<Answer> in_turn(std::function<Task<Answer>()> change);
  static Task<Answer> await_job(std::shared_ptr<Job> job);

  Task<Answer> publish(const Context& call);
  static Task<Answer> keep(Market& self, Identity identity,
                           std::shared_ptr<const std::string> bytes, control::Principal who,
                           control::Author author);
  Task<Answer> change_binding(const Context& call);
  Task<Answer> remove_binding(const Context& call);
  Task<Answer> remove_plugin(const Context& call);
  static Task<Answer> bind(Market& self, std::string id, BindingScope scope, std::string body,
                           control::Author author);
  static Task<Answer> unbind(Market& self, std::string id, BindingScope scope,
                             control::Author author);
  static Task<Answer> remove(Market& self, std::string id, control::Principal who,
                             control::Author author);

  Answer list(const Context& call) const;
  Answer show(const Context& call) const;
  Answer show_version(const Context& call) const;
  Task<Answer> download(const Context& call) const;

  // What there is of one id; uploads are there for those only who may manage the gateway.
  [[nodiscard]] Offer find(std::string_view id, bool manages) const;
  [[nodiscard]] Result<std::optional<PluginUse>> find_use(std::string_view id) const;
  [[nodiscard]] bool is_in_file(std::string_view id) const;
  // Puts it in force and keeps it; without bindings, no more.
  Task<Status> keep_use(const PluginUse& use, control::Author author);
  // Moves a plug-in that follows to its newest version; why not, if not.
  Task<Status> follow(std::string id, control::Author author);
  void tell(std::string_view what, std::string_view id) const;

  Parts parts_;
  std::deque<std::shared_ptr<Job>> waiting_;
  Event arrived_;
  Scope working_;
};

}  // namespace mynah::market
