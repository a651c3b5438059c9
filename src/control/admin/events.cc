// SPDX-License-Identifier: Apache-2.0
// A listener gathers what is told until it is asked for its next piece.
#include "control/admin/events.h"

#include <utility>

#include "aio/event.h"
#include "base/text.h"

namespace mynah::control {

class Events::Listener final : public ApiStream {
 public:
  Listener(Events& events, Principal who)
      : events_(events), who_(std::move(who)), told_(events.loop_) {
    events_.listeners_.push_back(this);
  }
  ~Listener() override { std::erase(events_.listeners_, this); }

  void hear(std::string_view event, Access access) {
    if (cut_ || !is_granted(who_, access)) return;
    cut_ = waiting_.size() + event.size() > kWaitingBytesMax;
    if (!cut_) waiting_ += event;
    told_.set();
  }

  // What was told before the cut still comes, then the end.
  Task<std::optional<std::string>> next() override {
    if (!std::exchange(greeted_, true)) co_return ": listening\n\n";
    if (waiting_.empty() && !cut_) {
      co_await told_.wait(events_.loop_.in(kSilenceMax));
      if (waiting_.empty() && !cut_) co_return ": still here\n\n";
    }
    if (waiting_.empty()) co_return std::nullopt;
    co_return std::exchange(waiting_, {});
  }

 private:
  Events& events_;
  Principal who_;
  std::string waiting_;
  bool greeted_ = false;
  bool cut_ = false;
  Event told_;
};

void Events::tell(std::string_view type, std::string_view json, Access access) {
  ++number_;
  if (listeners_.empty()) return;
  std::string event = cat("id: ", number_, "\nevent: ", type, "\n");
  for (const std::string_view line : split(json, '\n')) append(event, "data: ", line, "\n");
  event += '\n';
  for (Listener* listener : listeners_) listener->hear(event, access);
}

Result<std::unique_ptr<ApiStream>> Events::listen(const Principal& who) {
  if (listeners_.size() >= kListenersMax) {
    return Error{Errc::exhausted, cat("already ", kListenersMax, " listen to events")};
  }
  std::unique_ptr<ApiStream> listener = std::make_unique<Listener>(*this, who);
  return listener;
}

}  // namespace mynah::control
