// SPDX-License-Identifier: Apache-2.0
// Starting machines, replacing them, and handing out filters. What a machine asks of the outside is
// in plugin_machine.cc.
// tidy: allow-file shared_from_this: calls in flight keep their machine
// tidy: allow-file rand: the name that the Wasm host gives to the random source
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/plugin_host.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "gateway/wasm_filter.h"

namespace mynah {
namespace {

constexpr Duration kFirstPause = 100ms;
constexpr Duration kLongestPause = 30s;
// A machine that has run so long without a fault has a clean record.
constexpr Duration kCleanAfter = 60s;

}  // namespace

PluginHost::PluginHost(std::shared_ptr<const PluginCode> code, const model::Plugin& settings,
                       PluginContext& context)
    : code_(std::move(code)),
      settings_(settings),
      context_(context),
      again_([](void* self) { static_cast<PluginHost*>(self)->try_again(); }, this) {}

PluginHost::~PluginHost() = default;

Result<std::shared_ptr<PluginHost>> PluginHost::start(std::shared_ptr<const PluginCode> code,
                                                      const model::Plugin& settings,
                                                      PluginContext& context) {
  std::shared_ptr<PluginHost> host(
      new PluginHost(std::move(code), settings, context));  // tidy: allow new: private constructor
  MYNAH_OK(host->start_machine());
  return host;
}

bool PluginHost::same_as(const PluginCode& code, const model::Plugin& settings) const {
  return code.module == code_->module && code.id == code_->id && code.vm_id == code_->vm_id &&
         code.version == code_->version && code.on_failure == code_->on_failure &&
         settings.limits == settings_.limits && settings.environment == settings_.environment &&
         settings.root_id == settings_.root_id;
}

Status PluginHost::start_machine() {
  MYNAH_LET(auto machine, PluginMachine::start(*code_, settings_, context_));
  for (const std::string& config : configs_) MYNAH_OK(machine->root(config));
  machine_ = std::move(machine);
  machine_since_ = context_.loop().now();
  return ok();
}

Status PluginHost::prepare(const std::string& config) {
  if (machine_ == nullptr)
    return Error{Errc::unavailable,
                 cat("plug-in ", code_->id, " has failed and is being restarted")};
  MYNAH_OK(machine_->root(config));
  if (std::ranges::find(configs_, config) == configs_.end()) configs_.push_back(config);
  return ok();
}

Result<std::unique_ptr<Filter>> PluginHost::make_filter(const std::string& config, Chain& chain,
                                                        Exchange& exchange) {
  if (machine_ == nullptr)
    return Error{Errc::unavailable,
                 cat("plug-in ", code_->id, " has failed and is being restarted")};
  MYNAH_LET(const wasm::RootId root, machine_->root(config));
  auto filter = std::make_unique<WasmFilter>(shared_from_this(), machine_, root, chain, exchange);
  filter->set_place(chain.size());
  return std::unique_ptr<Filter>(std::move(filter));
}

void PluginHost::machine_failed(const Error& error) {
  if (machine_ == nullptr || machine_->machine().fault() == nullptr) return;  // Told already.
  ++faults_;
  const Instant now = context_.loop().now();
  if (now - machine_since_ > kCleanAfter) faults_in_row_ = 0;
  const Duration pause =
      std::min<Duration>(kFirstPause * (1LL << std::min(faults_in_row_, 20U)), kLongestPause);
  ++faults_in_row_;
  context_.log(code_->id, abi::LogLevel::error,
               cat("the plug-in failed and is restarted in ",
                   std::chrono::duration_cast<std::chrono::milliseconds>(pause).count(),
                   " ms: ", error.what),
               nullptr);
  machine_.reset();
  again_.arm(context_.loop().timers(), now + pause);
}

void PluginHost::try_again() {
  const auto started = start_machine();
  if (started) return;
  const Duration pause =
      std::min<Duration>(kFirstPause * (1LL << std::min(faults_in_row_, 20U)), kLongestPause);
  ++faults_in_row_;
  context_.log(code_->id, abi::LogLevel::error,
               cat("the plug-in does not start again: ", started.error().what), nullptr);
  again_.arm(context_.loop().timers(), context_.loop().now() + pause);
}

}  // namespace mynah
