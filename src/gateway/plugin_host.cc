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

bool PluginSpec::same_as(const PluginSpec& other) const {
  const PluginCode& a = *code;
  const PluginCode& b = *other.code;
  return a.module == b.module && a.id == b.id && a.vm_id == b.vm_id && a.version == b.version &&
         a.on_failure == b.on_failure && configs == other.configs &&
         settings.limits == other.settings.limits &&
         settings.environment == other.settings.environment &&
         settings.root_id == other.settings.root_id;
}

PluginHost::PluginHost(PluginSpec spec, std::shared_ptr<PluginMachine> machine,
                       PluginContext& context)
    : spec_(std::move(spec)),
      context_(context),
      machine_(std::move(machine)),
      again_(
          [](void* self) {
            auto& host = *static_cast<PluginHost*>(self);
            host.context_.background().spawn(&PluginHost::restart, host.shared_from_this());
          },
          this),
      machine_since_(context.loop().now()) {}

PluginHost::~PluginHost() = default;

std::shared_ptr<PluginHost> PluginHost::create(PluginSpec spec,
                                               std::shared_ptr<PluginMachine> machine,
                                               PluginContext& context) {
  return std::shared_ptr<PluginHost>(new PluginHost(  // tidy: allow new: private constructor
      std::move(spec), std::move(machine), context));
}

Result<std::unique_ptr<Filter>> PluginHost::make_filter(std::size_t config, Chain& chain,
                                                        Exchange& exchange) {
  if (machine_ == nullptr)
    return Error{Errc::unavailable,
                 cat("plug-in ", code().id, " has failed and is being restarted")};
  auto filter = std::make_unique<WasmFilter>(shared_from_this(), machine_, machine_->root(config),
                                             chain, exchange);
  filter->set_place(chain.size());
  return std::unique_ptr<Filter>(std::move(filter));
}

Duration PluginHost::next_pause() {
  const std::uint32_t doublings = std::min(faults_in_row_++, 20U);
  return std::min<Duration>(kFirstPause * (1LL << doublings), kLongestPause);
}

void PluginHost::machine_failed(const Error& error) {
  if (machine_ == nullptr || machine_->machine().fault() == nullptr) return;  // Told already.
  ++faults_;
  const Instant now = context_.loop().now();
  if (now - machine_since_ > kCleanAfter) faults_in_row_ = 0;
  const Duration pause = next_pause();
  context_.log(code().id, abi::LogLevel::error,
               cat("the plug-in failed and is restarted in ",
                   std::chrono::duration_cast<std::chrono::milliseconds>(pause).count(),
                   " ms: ", error.what),
               nullptr);
  machine_.reset();
  again_.arm(context_.loop().timers(), now + pause);
}

Task<> PluginHost::restart(std::shared_ptr<PluginHost> self) {
  PluginContext& context = self->context_;
  auto started = co_await context.pool().run(context.loop(), [spec = self->spec_, &context] {
    return PluginMachine::start(spec, context);
  });
  if (started) {
    self->machine_ = *std::move(started);
    self->machine_->adopt();
    self->machine_since_ = context.loop().now();
    co_return;
  }
  context.log(self->code().id, abi::LogLevel::error,
              cat("the plug-in does not start again: ", started.error().what), nullptr);
  self->again_.arm(context.loop().timers(), context.loop().now() + self->next_pause());
}

}  // namespace mynah
