// SPDX-License-Identifier: Apache-2.0
// probe: a plug-in that does what its configuration says, for tests of the host. A configuration is
// a list of lines, "CALLBACK: COMMAND ARGUMENT…", run in order whenever that callback is called:
//
//   request_headers: get 0 :path
//   request_headers: add 0 x-probe yes
//   request_headers: return 1
//
// Every host call is logged with what it answered: "get ok /index.html", "add 2". In an argument
// %XX is a byte and a lone dash is nothing at all. Where a configuration has to be JSON, the lines
// are strings in it: {"do": ["request_headers: get 0 :path"]}. The same source is compiled to
// WebAssembly and linked into the tests.
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "abi/imports.h"
#include "abi/native.h"

namespace {

using namespace mynah::abi;
using Words = std::vector<std::string>;

struct Root {
  std::vector<Words> script;  // each begins with the callback's name
};
std::map<std::uint32_t, Root>& roots() {
  static std::map<std::uint32_t, Root> all;
  return all;
}
std::map<std::uint32_t, std::uint32_t>& root_of() {
  static std::map<std::uint32_t, std::uint32_t> all;
  return all;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  if (text.starts_with('-'))
    // tidy: allow unsafe-c: the script of a test
    return static_cast<std::uint32_t>(std::atoi(std::string(text).c_str()));
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string unescape(std::string_view text) {
  if (text == "-") return {};
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      unsigned byte = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

void say(std::string_view text) { proxy_log(LogLevel::info, text.data(), text.size()); }
void say(std::string_view what, Status status, std::string_view result = {}) {
  std::string line(what);
  line += ' ';
  line += status == Status::ok ? "ok" : std::to_string(static_cast<std::uint32_t>(status));
  if (!result.empty()) line.append(" ").append(result);
  say(line);
}

// Bytes that a host function has handed over.
class Taken {
 public:
  ~Taken() { std::free(bytes_); }
  char** bytes() { return &bytes_; }
  std::size_t* size() { return &size_; }
  std::string_view view() const { return {bytes_ == nullptr ? "" : bytes_, size_}; }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// "a=1,b=2" as pairs.
std::string encode(std::string_view list) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string_view item : split(list, ',')) {
    const std::size_t at = item.find('=');
    fields.emplace_back(unescape(item.substr(0, at)), unescape(item.substr(at + 1)));
  }
  std::string pairs;
  const auto put = [&](std::size_t value) {
    const auto small = static_cast<std::uint32_t>(value);
    pairs.append(reinterpret_cast<const char*>(&small), sizeof small);
  };
  put(fields.size());
  for (const auto& [name, value] : fields) {
    put(name.size());
    put(value.size());
  }
  for (const auto& [name, value] : fields) {
    pairs.append(name).append(1, '\0').append(value).append(1, '\0');
  }
  return pairs;
}

std::string decode(std::string_view pairs) {
  if (pairs.size() < 4) return {};
  const auto at = [&](std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, pairs.data() + offset, sizeof value);
    return value;
  };
  std::string list;
  std::size_t text = 4 + at(0) * 8;
  for (std::uint32_t i = 0; i < at(0); ++i) {
    const std::uint32_t name = at(4 + i * 8);
    const std::uint32_t value = at(8 + i * 8);
    if (!list.empty()) list += ',';
    list.append(pairs.substr(text, name)).append("=").append(pairs.substr(text + name + 1, value));
    text += name + value + 2;
  }
  return list;
}

void do_headers(const Words& w) {
  const auto map = static_cast<MapType>(number(w[2]));
  const std::string name = w.size() > 3 ? unescape(w[3]) : "";
  const std::string value = w.size() > 4 ? unescape(w[4]) : "";
  Taken taken;
  if (w[1] == "get") {
    const Status got =
        proxy_get_header_map_value(map, name.data(), name.size(), taken.bytes(), taken.size());
    say("get", got, taken.view());
  } else if (w[1] == "pairs") {
    const Status got = proxy_get_header_map_pairs(map, taken.bytes(), taken.size());
    say("pairs", got, decode(taken.view()));
  } else if (w[1] == "size") {
    std::uint32_t bytes = 0;
    const Status got = proxy_get_header_map_size(map, &bytes);
    say("size", got, std::to_string(bytes));
  } else if (w[1] == "add") {
    say("add",
        proxy_add_header_map_value(map, name.data(), name.size(), value.data(), value.size()));
  } else if (w[1] == "replace") {
    say("replace",
        proxy_replace_header_map_value(map, name.data(), name.size(), value.data(), value.size()));
  } else if (w[1] == "remove") {
    say("remove", proxy_remove_header_map_value(map, name.data(), name.size()));
  } else if (w[1] == "set") {
    const std::string pairs = encode(w.size() > 3 ? w[3] : "");
    say("set", proxy_set_header_map_pairs(map, pairs.data(), pairs.size()));
  }
}

void do_buffer(const Words& w) {
  const auto type = static_cast<BufferType>(number(w[2]));
  Taken taken;
  if (w[1] == "buffer") {
    const Status got =
        proxy_get_buffer_bytes(type, number(w[3]), number(w[4]), taken.bytes(), taken.size());
    say("buffer", got, taken.view());
  } else if (w[1] == "put") {
    const std::string bytes = unescape(w[5]);
    say("put",
        proxy_set_buffer_bytes(type, number(w[3]), number(w[4]), bytes.data(), bytes.size()));
  } else if (w[1] == "length") {
    std::size_t bytes = 0;
    std::uint32_t flags = 0;
    const Status got = proxy_get_buffer_status(type, &bytes, &flags);
    say("length", got, std::to_string(bytes));
  } else if (w[1] == "fill") {
    const std::string bytes(number(w[3]), 'x');
    say("fill", proxy_set_buffer_bytes(type, 0, 0xffffffff, bytes.data(), bytes.size()));
  }
}

void do_property(const Words& w) {
  std::string path = unescape(w[2]);
  for (char& c : path) {
    if (c == '.') c = kPathSeparator;
  }
  if (w[1] == "property") {
    Taken taken;
    const Status got = proxy_get_property(path.data(), path.size(), taken.bytes(), taken.size());
    say("property", got, taken.view());
  } else if (w[1] == "set_property") {
    const std::string value = unescape(w[3]);
    say("set_property", proxy_set_property(path.data(), path.size(), value.data(), value.size()));
  }
}

void do_stream(const Words& w) {
  if (w[1] == "local") {
    const std::string body = unescape(w[3]);
    const std::string headers = w.size() > 4 ? encode(unescape(w[4])) : "";
    const std::string details = "probe_answer";
    say("local",
        proxy_send_local_response(number(w[2]), details.data(), details.size(), body.data(),
                                  body.size(), headers.data(), headers.size(), -1));
  } else if (w[1] == "continue") {
    say("continue", proxy_continue_stream(static_cast<StreamType>(number(w[2]))));
  } else if (w[1] == "continue_request") {
    say("continue_request", proxy_continue_request());
  } else if (w[1] == "continue_response") {
    say("continue_response", proxy_continue_response());
  } else if (w[1] == "close") {
    say("close", proxy_close_stream(static_cast<StreamType>(number(w[2]))));
  } else if (w[1] == "clear_route") {
    say("clear_route", proxy_clear_route_cache());
  } else if (w[1] == "inject") {
    const std::string bytes = unescape(w[2]);
    say("inject",
        proxy_inject_encoded_data_to_filter_chain(bytes.data(), bytes.size(), number(w[3])));
  } else if (w[1] == "hosts") {
    Taken taken;
    const Status got = proxy_get_upstream_hosts(taken.bytes(), taken.size());
    say("hosts", got, decode(taken.view()));
  } else if (w[1] == "host") {
    say("host", proxy_set_upstream_override_host(w[2].data(), w[2].size()));
  } else if (w[1] == "done") {
    say("done", proxy_done());
  } else if (w[1] == "tick") {
    say("tick", proxy_set_tick_period_milliseconds(number(w[2])));
  } else if (w[1] == "effective_bad") {
    say("effective", proxy_set_effective_context(0x7fffffff));
  }
}

void do_call(const Words& w) {
  std::uint32_t call = 0;
  if (w[1] == "http") {
    const std::string headers =
        encode(w.size() > 3 ? w[3] : ":method=GET,:path=/,:authority=probe");
    const std::string body = w.size() > 4 ? unescape(w[4]) : "";
    const Status sent = proxy_http_call(w[2].data(), w[2].size(), headers.data(), headers.size(),
                                        body.data(), body.size(), "", 0, 1000, &call);
    say("http", sent, std::to_string(call));
  } else if (w[1] == "redis_init") {
    say("redis_init", proxy_redis_init(w[2].data(), w[2].size(), "user", 4, "secret", 6, 1000));
  } else if (w[1] == "redis") {
    const std::string query = unescape(w[3]);
    const Status sent =
        proxy_redis_call(w[2].data(), w[2].size(), query.data(), query.size(), &call);
    say("redis", sent, std::to_string(call));
  } else if (w[1] == "grpc") {
    const Status sent =
        proxy_grpc_call(w[2].data(), w[2].size(), "a.B", 3, "C", 1, "", 0, "hi", 2, 1000, &call);
    say("grpc", sent, std::to_string(call));
  } else if (w[1] == "grpc_stream") {
    const Status sent = proxy_grpc_stream(w[2].data(), w[2].size(), "a.B", 3, "C", 1, "", 0, &call);
    say("grpc_stream", sent, std::to_string(call));
  } else if (w[1] == "grpc_send") {
    say("grpc_send", proxy_grpc_send(number(w[2]), w[3].data(), w[3].size(), number(w[4])));
  } else if (w[1] == "grpc_cancel") {
    say("grpc_cancel", proxy_grpc_cancel(number(w[2])));
  } else if (w[1] == "grpc_close") {
    say("grpc_close", proxy_grpc_close(number(w[2])));
  } else if (w[1] == "status") {
    Taken taken;
    std::uint32_t code = 0;
    const Status got = proxy_get_status(&code, taken.bytes(), taken.size());
    say("status", got, std::to_string(code) + " " + std::string(taken.view()));
  }
}

void do_shared(const Words& w) {
  Taken taken;
  std::uint32_t id = 0;
  if (w[1] == "shared_get") {
    const Status got =
        proxy_get_shared_data(w[2].data(), w[2].size(), taken.bytes(), taken.size(), &id);
    say("shared_get", got, std::string(taken.view()) + " cas " + std::to_string(id));
  } else if (w[1] == "shared_set") {
    const std::string value = unescape(w[3]);
    say("shared_set",
        proxy_set_shared_data(w[2].data(), w[2].size(), value.data(), value.size(), number(w[4])));
  } else if (w[1] == "queue_open") {
    const Status made = proxy_register_shared_queue(w[2].data(), w[2].size(), &id);
    say("queue_open", made, std::to_string(id));
  } else if (w[1] == "queue_find") {
    const Status found = proxy_resolve_shared_queue("", 0, w[2].data(), w[2].size(), &id);
    say("queue_find", found, std::to_string(id));
  } else if (w[1] == "queue_send") {
    say("queue_send", proxy_enqueue_shared_queue(number(w[2]), w[3].data(), w[3].size()));
  } else if (w[1] == "queue_take") {
    const Status got = proxy_dequeue_shared_queue(number(w[2]), taken.bytes(), taken.size());
    say("queue_take", got, taken.view());
  }
}

void do_metric(const Words& w) {
  std::uint32_t id = 0;
  std::uint64_t value = 0;
  if (w[1] == "metric") {
    const Status made =
        proxy_define_metric(static_cast<MetricType>(number(w[2])), w[3].data(), w[3].size(), &id);
    say("metric", made, std::to_string(id));
  } else if (w[1] == "metric_add") {
    say("metric_add", proxy_increment_metric(number(w[2]), std::atoll(w[3].c_str())));
  } else if (w[1] == "metric_set") {
    say("metric_set", proxy_record_metric(number(w[2]), number(w[3])));
  } else if (w[1] == "metric_get") {
    const Status got = proxy_get_metric(number(w[2]), &value);
    say("metric_get", got, std::to_string(value));
  }
}

void do_other(const Words& w) {
  if (w[1] == "foreign") {
    const std::string arguments = w.size() > 3 ? unescape(w[3]) : "";
    Taken taken;
    const Status got = proxy_call_foreign_function(w[2].data(), w[2].size(), arguments.data(),
                                                   arguments.size(), taken.bytes(), taken.size());
    say("foreign", got, std::to_string(taken.view().size()) + " bytes");
  } else if (w[1] == "log") {
    proxy_log(static_cast<LogLevel>(number(w[2])), w[3].data(), w[3].size());
  } else if (w[1] == "level") {
    LogLevel level{};
    const Status got = proxy_get_log_level(&level);
    say("level", got, std::to_string(static_cast<std::uint32_t>(level)));
  } else if (w[1] == "time") {
    std::uint64_t time = 0;
    const Status got = proxy_get_current_time_nanoseconds(&time);
    say("time", got, std::to_string(time));
  } else if (w[1] == "config") {
    Taken taken;
    const Status got = proxy_get_configuration(taken.bytes(), taken.size());
    say("config", got, std::to_string(taken.view().size()));
  } else if (w[1] == "print") {
    // tidy: allow printf: what a plug-in prints is what is tested
    std::printf("%s\n", w[2].c_str());
    std::fflush(stdout);
  } else if (w[1] == "env") {
    const char* value = std::getenv(w[2].c_str());
    say(std::string("env ") + (value == nullptr ? "none" : value));
  } else if (w[1] == "exit") {
    std::exit(static_cast<int>(number(w[2])));
  }
}

#ifdef __wasm__
volatile std::uint32_t sink;
[[clang::noinline]] std::uint32_t recurse(std::uint32_t depth) {
  volatile char room[256];
  room[depth % 256] = static_cast<char>(depth);
  if (sink == 0xffffffff) return 0;
  return recurse(depth + 1) + static_cast<std::uint32_t>(room[0]);
}

void do_harm(const Words& w) {
  if (w[1] == "trap") __builtin_trap();
  if (w[1] == "loop") {
    for (;;) sink = sink + 1;
  }
  if (w[1] == "recurse") sink = recurse(0);
  if (w[1] == "grow") {
    for (;;) {
      char* const more = static_cast<char*>(std::malloc(1 << 20));
      if (more == nullptr) __builtin_trap();
      more[0] = 1;
      sink = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(more));
    }
  }
}
#else
void do_harm(const Words&) {}
#endif

// Runs what the script has for one callback; the last "return" counts.
std::uint32_t run(std::uint32_t root, std::string_view callback, std::uint32_t otherwise) {
  std::uint32_t answer = otherwise;
  const auto found = roots().find(root);
  if (found == roots().end()) return answer;
  for (const Words& words : found->second.script) {
    if (words[0] != callback || words.size() < 2) continue;
    if (words[1] == "return") {
      answer = number(words[2]);
      continue;
    }
    do_headers(words);
    do_buffer(words);
    do_property(words);
    do_stream(words);
    do_call(words);
    do_shared(words);
    do_metric(words);
    do_other(words);
    do_harm(words);
  }
  return answer;
}

std::uint32_t run_stream(std::uint32_t context, std::string_view callback,
                         std::uint32_t otherwise) {
  const auto found = root_of().find(context);
  return run(found == root_of().end() ? context : found->second, callback, otherwise);
}

void load_script(std::uint32_t root, BufferType from) {
  Taken taken;
  proxy_get_buffer_bytes(from, 0, 0xffffffff, taken.bytes(), taken.size());
  Root& kept = roots()[root];
  const char separator = taken.view().starts_with('{') ? '"' : '\n';
  for (const std::string_view line : split(taken.view(), separator)) {
    Words words;
    for (const std::string_view word : split(line, ' ')) words.emplace_back(word);
    if (words.empty() || !words[0].ends_with(':')) continue;
    words[0].pop_back();
    // Missing arguments read as empty.
    while (words.size() < 3) words.emplace_back();
    kept.script.push_back(std::move(words));
  }
}

// The stream that a callout was made for, so that its answer can act on it.
std::uint32_t& last_stream() {
  static std::uint32_t stream = 0;
  return stream;
}
void act_for_last_stream() {
  if (last_stream() != 0) proxy_set_effective_context(last_stream());
}

std::string shape(std::initializer_list<std::uint32_t> numbers) {
  std::string text;
  for (const std::uint32_t n : numbers) text.append(" ").append(std::to_string(n));
  return text;
}

}  // namespace

#ifdef __wasm__
#define PROBE_EXPORT(name) extern "C" [[clang::export_name("proxy_" #name)]]
extern "C" [[clang::export_name("proxy_abi_version_0_2_100")]] void probe_abi() {}
extern "C" [[clang::export_name("proxy_on_memory_allocate")]] void* probe_allocate(
    std::size_t size) {
  return std::malloc(size);
}
#else
#define PROBE_EXPORT(name) static
#endif

PROBE_EXPORT(on_context_create) void on_context_create(std::uint32_t id, std::uint32_t root) {
  if (root != 0) root_of()[id] = root;
}
PROBE_EXPORT(on_vm_start) std::uint32_t on_vm_start(std::uint32_t id, std::uint32_t) {
  load_script(id, BufferType::vm_configuration);
  return run(id, "vm_start", 1);
}
PROBE_EXPORT(on_configure) std::uint32_t on_configure(std::uint32_t id, std::uint32_t) {
  load_script(id, BufferType::plugin_configuration);
  return run(id, "configure", 1);
}
PROBE_EXPORT(on_tick) void on_tick(std::uint32_t id) {
  act_for_last_stream();
  run(id, "tick", 0);
}
PROBE_EXPORT(on_queue_ready) void on_queue_ready(std::uint32_t id, std::uint32_t queue) {
  say("queue_ready" + shape({queue}));
  run(id, "queue_ready", 0);
}
PROBE_EXPORT(on_request_headers)
std::uint32_t on_request_headers(std::uint32_t id, std::uint32_t fields, std::uint32_t end) {
  say("request_headers" + shape({fields, end}));
  last_stream() = id;
  return run_stream(id, "request_headers", 0);
}
PROBE_EXPORT(on_request_body)
std::uint32_t on_request_body(std::uint32_t id, std::uint32_t bytes, std::uint32_t end) {
  say("request_body" + shape({bytes, end}));
  return run_stream(id, "request_body", 0);
}
PROBE_EXPORT(on_request_trailers)
std::uint32_t on_request_trailers(std::uint32_t id, std::uint32_t fields) {
  say("request_trailers" + shape({fields}));
  return run_stream(id, "request_trailers", 0);
}
PROBE_EXPORT(on_response_headers)
std::uint32_t on_response_headers(std::uint32_t id, std::uint32_t fields, std::uint32_t end) {
  say("response_headers" + shape({fields, end}));
  return run_stream(id, "response_headers", 0);
}
PROBE_EXPORT(on_response_body)
std::uint32_t on_response_body(std::uint32_t id, std::uint32_t bytes, std::uint32_t end) {
  say("response_body" + shape({bytes, end}));
  return run_stream(id, "response_body", 0);
}
PROBE_EXPORT(on_response_trailers)
std::uint32_t on_response_trailers(std::uint32_t id, std::uint32_t fields) {
  say("response_trailers" + shape({fields}));
  return run_stream(id, "response_trailers", 0);
}
PROBE_EXPORT(on_http_call_response)
void on_http_call_response(std::uint32_t id, std::uint32_t call, std::uint32_t fields,
                           std::uint32_t bytes, std::uint32_t trailers) {
  say("http_reply" + shape({call, fields, bytes, trailers}));
  act_for_last_stream();
  run(id, "http_reply", 0);
}
PROBE_EXPORT(on_redis_call_response)
void on_redis_call_response(std::uint32_t id, std::uint32_t call, std::uint32_t status,
                            std::uint32_t bytes) {
  say("redis_reply" + shape({call, status, bytes}));
  act_for_last_stream();
  run(id, "redis_reply", 0);
}
PROBE_EXPORT(on_grpc_receive_initial_metadata)
void on_grpc_receive_initial_metadata(std::uint32_t id, std::uint32_t call, std::uint32_t fields) {
  say("grpc_initial" + shape({call, fields}));
  act_for_last_stream();
  run(id, "grpc_initial", 0);
}
PROBE_EXPORT(on_grpc_receive)
void on_grpc_receive(std::uint32_t id, std::uint32_t call, std::uint32_t bytes) {
  say("grpc_message" + shape({call, bytes}));
  act_for_last_stream();
  run(id, "grpc_message", 0);
}
PROBE_EXPORT(on_grpc_receive_trailing_metadata)
void on_grpc_receive_trailing_metadata(std::uint32_t id, std::uint32_t call, std::uint32_t fields) {
  say("grpc_trailing" + shape({call, fields}));
  act_for_last_stream();
  run(id, "grpc_trailing", 0);
}
PROBE_EXPORT(on_grpc_close)
void on_grpc_close(std::uint32_t id, std::uint32_t call, std::uint32_t status) {
  say("grpc_close" + shape({call, status}));
  act_for_last_stream();
  run(id, "grpc_close", 0);
}
PROBE_EXPORT(on_done) std::uint32_t on_done(std::uint32_t id) { return run_stream(id, "done", 1); }
PROBE_EXPORT(on_log) void on_log(std::uint32_t id) { run_stream(id, "log", 0); }
PROBE_EXPORT(on_delete) void on_delete(std::uint32_t id) {
  run_stream(id, "delete", 0);
  if (last_stream() == id) last_stream() = 0;
  root_of().erase(id);
  roots().erase(id);
}

#ifndef __wasm__
const mynah::abi::NativePlugin& native_probe();
const mynah::abi::NativePlugin& native_probe() {
  static const NativePlugin kPlugin = [] {
    NativePlugin plugin;
    plugin.with(Callback::on_context_create, &native_callback<&on_context_create>)
        .with(Callback::on_vm_start, &native_callback<&on_vm_start>)
        .with(Callback::on_configure, &native_callback<&on_configure>)
        .with(Callback::on_tick, &native_callback<&on_tick>)
        .with(Callback::on_queue_ready, &native_callback<&on_queue_ready>)
        .with(Callback::on_request_headers, &native_callback<&on_request_headers>)
        .with(Callback::on_request_body, &native_callback<&on_request_body>)
        .with(Callback::on_request_trailers, &native_callback<&on_request_trailers>)
        .with(Callback::on_response_headers, &native_callback<&on_response_headers>)
        .with(Callback::on_response_body, &native_callback<&on_response_body>)
        .with(Callback::on_response_trailers, &native_callback<&on_response_trailers>)
        .with(Callback::on_http_call_response, &native_callback<&on_http_call_response>)
        .with(Callback::on_redis_call_response, &native_callback<&on_redis_call_response>)
        .with(Callback::on_grpc_receive_initial_metadata,
              &native_callback<&on_grpc_receive_initial_metadata>)
        .with(Callback::on_grpc_receive, &native_callback<&on_grpc_receive>)
        .with(Callback::on_grpc_receive_trailing_metadata,
              &native_callback<&on_grpc_receive_trailing_metadata>)
        .with(Callback::on_grpc_close, &native_callback<&on_grpc_close>)
        .with(Callback::on_done, &native_callback<&on_done>)
        .with(Callback::on_log, &native_callback<&on_log>)
        .with(Callback::on_delete, &native_callback<&on_delete>);
    plugin.allocate = [](std::size_t size) { return std::malloc(size); };
    return plugin;
  }();
  return kPlugin;
}
#endif
