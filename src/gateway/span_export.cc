// SPDX-License-Identifier: Apache-2.0
// What has gathered in a second goes out in one request; a collector that asks for patience gets it
// a few times.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/span_export.h"

#include <utility>

#include "base/text.h"
#include "gateway/ask.h"
#include "gateway/tracing.h"

namespace mynah {
namespace {

constexpr std::uint32_t kExchangesMax = 2048;
constexpr std::size_t kBatchBytesMax = 4 * model::kMiB;
constexpr Duration kGatherTime = 1s;
constexpr Duration kSendTime = 10s;
constexpr std::size_t kAnswerBytesMax = 64 * model::kKiB;
constexpr int kSendsMax = 4;

model::Service service_of(const model::Url& url) {
  model::Service service;
  service.name = "tracing.endpoint";
  if (const auto address = Address::from_ip(url.host, url.port)) {
    service.origin = model::StaticEndpoints{{{*address, 1}}};
  } else {
    service.origin = model::DnsName{url.host, url.port};
  }
  if (url.tls)
    service.tls =
        model::UpstreamTls{.sni = url.host, .ca = {}, .verify = true, .client_certificate = {}};
  service.host_header = model::HostHeader::service;
  return service;
}

// What the protocol says may be sent again.
bool asks_for_patience(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

SpanExporter::SpanExporter(const model::Tracing& settings, Loop& loop, SpanExportSeen seen)
    : settings_(settings), loop_(loop), seen_(seen), changed_(loop), sending_(loop) {}

SpanExporter::~SpanExporter() {
  sending_.cancel();
  seen_.waiting -= batch_exchanges_;
}

Result<std::shared_ptr<SpanExporter>> SpanExporter::create(const model::Tracing& settings,
                                                           const UpstreamContext& context,
                                                           SpanExportSeen seen) {
  std::shared_ptr<SpanExporter> made(new SpanExporter(  // tidy: allow new: private constructor
      settings, context.loop, seen));
  MYNAH_LET(made->collector_, Upstream::create(service_of(*settings.endpoint), context,
                                               std::make_shared<ServiceShared>()));
  made->sending_.spawn(&SpanExporter::send_batches, std::ref(*made));
  return made;
}

void SpanExporter::record(const Exchange& exchange, Instant now) {
  if (batch_exchanges_ >= kExchangesMax || batch_.size() >= kBatchBytesMax) {
    return seen_.observer.spans_exported(seen_.worker, false, 1);
  }
  if (!batch_.empty()) batch_ += ',';
  batch_ += spans_of(exchange, now);
  ++batch_exchanges_;
  ++seen_.waiting;
  changed_.set();
}

Task<> SpanExporter::send_batches(SpanExporter& self) {
  while (true) {
    while (self.batch_.empty()) co_await self.changed_.wait();
    co_await Sleep(self.loop_, kGatherTime);
    const std::uint32_t exchanges = std::exchange(self.batch_exchanges_, 0);
    struct Waiting {
      std::atomic<std::uint32_t>& waiting;
      std::uint32_t exchanges;
      ~Waiting() { waiting -= exchanges; }
    } const sending{self.seen_.waiting, exchanges};
    const bool taken = co_await self.send(std::exchange(self.batch_, {}));
    self.seen_.observer.spans_exported(self.seen_.worker, taken, exchanges);
  }
}

Task<bool> SpanExporter::send(std::string spans) {
  Headers head;
  head.add(":method", "POST");
  head.add(":authority", collector_->authority());
  head.add(":path", settings_.endpoint->target);
  head.add("content-type", "application/json");
  head.add("user-agent", "mynah");
  for (const auto& [name, value] : settings_.headers) head.set(name, value);
  const std::string body = export_request(settings_, spans);
  for (int sends = 1; sends <= kSendsMax; ++sends) {
    const auto answer = co_await ask(*collector_, {head, SliceChain(Slice::copy_of(body)), {}},
                                     {kSendTime, kAnswerBytesMax});
    if (answer && answer->status / 100 == 2) co_return true;
    if (answer && !asks_for_patience(answer->status)) co_return false;
    co_await Sleep(loop_, kGatherTime * sends);
  }
  co_return false;
}

}  // namespace mynah
