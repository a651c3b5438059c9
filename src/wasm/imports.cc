// SPDX-License-Identifier: Apache-2.0
// The host functions by the names under which modules import them. A function that the host has is
// one line here; its signature follows from the method.
#include "wasm/imports.h"

#include <algorithm>
#include <vector>

#include "abi/abi.h"
#include "wasm/decode.h"
#include "wasm/host.h"
#include "wasm/wasi.h"
#include "wasm/wasmtime_instance.h"

namespace mynah::wasm {
namespace {

WasmtimeInstance& instance_of(wasmtime_caller_t* caller) {
  return *static_cast<WasmtimeInstance*>(
      wasmtime_context_get_data(wasmtime_caller_context(caller)));
}

// While the plug-in's own allocator runs, or before its instance is whole, nothing may change that
// a host function in progress looks at.
template <auto kMethod>
wasm_trap_t* call_host(void*, wasmtime_caller_t* caller, RawValue* values, std::size_t) {
  WasmtimeInstance& instance = instance_of(caller);
  auto answer = static_cast<std::uint32_t>(abi::Status::internal_failure);
  if (instance.host().accepts_calls()) {
    answer =
        HostMethod<kMethod>::call(instance.host(), instance, values,
                                  static_cast<std::uint32_t>(abi::Status::invalid_memory_access),
                                  static_cast<std::uint32_t>(abi::Status::invalid_memory_access));
  }
  values[0].i32 = static_cast<std::int32_t>(answer);
  return instance.take_trap();
}

template <auto kMethod>
wasm_trap_t* call_wasi(void*, wasmtime_caller_t* caller, RawValue* values, std::size_t) {
  WasmtimeInstance& instance = instance_of(caller);
  const std::uint32_t answer = HostMethod<kMethod>::call(instance.wasi(), instance, values,
                                                         static_cast<std::uint32_t>(Errno::fault),
                                                         static_cast<std::uint32_t>(Errno::io));
  if constexpr (HostMethod<kMethod>::kAnswers) values[0].i32 = static_cast<std::int32_t>(answer);
  return instance.take_trap();
}

template <auto kMethod>
HostFunction env(std::string_view name) {
  return {abi::kEnv, name, {HostMethod<kMethod>::letters(), "i"}, call_host<kMethod>, nullptr};
}

template <auto kMethod>
HostFunction wasi(std::string_view name) {
  return {abi::kWasi,
          name,
          {HostMethod<kMethod>::letters(), HostMethod<kMethod>::kAnswers ? "i" : ""},
          call_wasi<kMethod>,
          nullptr};
}

// A function of WASI that always gives the same answer.
wasm_trap_t* answer_always(void* data, wasmtime_caller_t*, RawValue* values, std::size_t) {
  values[0].i32 = static_cast<std::int32_t>(*static_cast<const Errno*>(data));
  return nullptr;
}

HostFunction always(std::string_view name, const char* parameters, const Errno& answer) {
  return {abi::kWasi, name, {parameters, "i"}, answer_always, &answer};
}

wasm_trap_t* do_nothing(void*, wasmtime_caller_t*, RawValue*, std::size_t) { return nullptr; }

wasm_trap_t* trap_abort(void*, wasmtime_caller_t*, RawValue*, std::size_t) {
  constexpr std::string_view kMessage = "the plug-in called abort()";
  return wasmtime_trap_new(kMessage.data(), kMessage.size());
}

void append_env(std::vector<HostFunction>& all) {
  all.insert(all.end(),
             {
                 env<&Host::log>("proxy_log"),
                 env<&Host::get_log_level>("proxy_get_log_level"),
                 env<&Host::get_current_time>("proxy_get_current_time_nanoseconds"),
                 env<&Host::set_tick_period>("proxy_set_tick_period_milliseconds"),
                 env<&Host::set_effective_context>("proxy_set_effective_context"),
                 env<&Host::done>("proxy_done"),
                 env<&Host::get_header_map_size>("proxy_get_header_map_size"),
                 env<&Host::get_header_map_pairs>("proxy_get_header_map_pairs"),
                 env<&Host::set_header_map_pairs>("proxy_set_header_map_pairs"),
                 env<&Host::get_header_map_value>("proxy_get_header_map_value"),
                 env<&Host::add_header_map_value>("proxy_add_header_map_value"),
                 env<&Host::replace_header_map_value>("proxy_replace_header_map_value"),
                 env<&Host::remove_header_map_value>("proxy_remove_header_map_value"),
                 env<&Host::get_buffer_status>("proxy_get_buffer_status"),
                 env<&Host::get_buffer_bytes>("proxy_get_buffer_bytes"),
                 env<&Host::set_buffer_bytes>("proxy_set_buffer_bytes"),
                 env<&Host::get_configuration>("proxy_get_configuration"),
                 env<&Host::get_property>("proxy_get_property"),
                 env<&Host::set_property>("proxy_set_property"),
                 env<&Host::send_local_response>("proxy_send_local_response"),
                 env<&Host::continue_stream>("proxy_continue_stream"),
                 env<&Host::continue_request>("proxy_continue_request"),
                 env<&Host::continue_response>("proxy_continue_response"),
                 env<&Host::close_stream>("proxy_close_stream"),
                 env<&Host::clear_route_cache>("proxy_clear_route_cache"),
                 env<&Host::http_call>("proxy_http_call"),
                 env<&Host::grpc_call>("proxy_grpc_call"),
                 env<&Host::grpc_stream>("proxy_grpc_stream"),
                 env<&Host::grpc_send>("proxy_grpc_send"),
                 env<&Host::grpc_cancel>("proxy_grpc_cancel"),
                 env<&Host::grpc_close>("proxy_grpc_close"),
                 env<&Host::get_status>("proxy_get_status"),
                 env<&Host::redis_init>("proxy_redis_init"),
                 env<&Host::redis_call>("proxy_redis_call"),
                 env<&Host::get_shared_data>("proxy_get_shared_data"),
                 env<&Host::set_shared_data>("proxy_set_shared_data"),
                 env<&Host::register_shared_queue>("proxy_register_shared_queue"),
                 env<&Host::resolve_shared_queue>("proxy_resolve_shared_queue"),
                 env<&Host::enqueue_shared_queue>("proxy_enqueue_shared_queue"),
                 env<&Host::dequeue_shared_queue>("proxy_dequeue_shared_queue"),
                 env<&Host::define_metric>("proxy_define_metric"),
                 env<&Host::increment_metric>("proxy_increment_metric"),
                 env<&Host::record_metric>("proxy_record_metric"),
                 env<&Host::get_metric>("proxy_get_metric"),
                 env<&Host::call_foreign_function>("proxy_call_foreign_function"),
                 env<&Host::inject_response>("proxy_inject_encoded_data_to_filter_chain"),
                 env<&Host::get_upstream_hosts>("proxy_get_upstream_hosts"),
                 env<&Host::set_upstream_host>("proxy_set_upstream_override_host"),
                 // What compilers add: Emscripten, and AssemblyScript for a failed assertion.
                 {abi::kEnv, "emscripten_notify_memory_growth", {"i", ""}, do_nothing, nullptr},
                 {abi::kEnv, "abort", {"iiii", ""}, trap_abort, nullptr},
             });
}

void append_wasi(std::vector<HostFunction>& all) {
  static constexpr Errno kBadDescriptor = Errno::bad_descriptor;
  static constexpr Errno kNoEntry = Errno::no_entry;
  static constexpr Errno kNotSupported = Errno::not_supported;
  all.insert(all.end(), {
                            wasi<&Wasi::args_sizes_get>("args_sizes_get"),
                            wasi<&Wasi::args_get>("args_get"),
                            wasi<&Wasi::environ_sizes_get>("environ_sizes_get"),
                            wasi<&Wasi::environ_get>("environ_get"),
                            wasi<&Wasi::clock_res_get>("clock_res_get"),
                            wasi<&Wasi::clock_time_get>("clock_time_get"),
                            wasi<&Wasi::random_get>("random_get"),
                            wasi<&Wasi::sched_yield>("sched_yield"),
                            wasi<&Wasi::poll_oneoff>("poll_oneoff"),
                            wasi<&Wasi::proc_exit>("proc_exit"),
                            wasi<&Wasi::fd_write>("fd_write"),
                            wasi<&Wasi::fd_read>("fd_read"),
                            wasi<&Wasi::fd_seek>("fd_seek"),
                            wasi<&Wasi::fd_close>("fd_close"),
                            wasi<&Wasi::fd_fdstat_get>("fd_fdstat_get"),
                            wasi<&Wasi::fd_fdstat_set_flags>("fd_fdstat_set_flags"),
                            always("fd_advise", "iIIi", kBadDescriptor),
                            always("fd_allocate", "iII", kBadDescriptor),
                            always("fd_datasync", "i", kBadDescriptor),
                            always("fd_fdstat_set_rights", "iII", kBadDescriptor),
                            always("fd_filestat_get", "ii", kBadDescriptor),
                            always("fd_filestat_set_size", "iI", kBadDescriptor),
                            always("fd_filestat_set_times", "iIIi", kBadDescriptor),
                            always("fd_pread", "iiiIi", kBadDescriptor),
                            always("fd_prestat_get", "ii", kBadDescriptor),
                            always("fd_prestat_dir_name", "iii", kBadDescriptor),
                            always("fd_pwrite", "iiiIi", kBadDescriptor),
                            always("fd_readdir", "iiiIi", kBadDescriptor),
                            always("fd_renumber", "ii", kBadDescriptor),
                            always("fd_sync", "i", kBadDescriptor),
                            always("fd_tell", "ii", kBadDescriptor),
                            always("path_create_directory", "iii", kNoEntry),
                            always("path_filestat_get", "iiiii", kNoEntry),
                            always("path_filestat_set_times", "iiiiIIi", kNoEntry),
                            always("path_link", "iiiiiii", kNoEntry),
                            always("path_open", "iiiiiIIii", kNoEntry),
                            always("path_readlink", "iiiiii", kNoEntry),
                            always("path_remove_directory", "iii", kNoEntry),
                            always("path_rename", "iiiiii", kNoEntry),
                            always("path_symlink", "iiiii", kNoEntry),
                            always("path_unlink_file", "iii", kNoEntry),
                            always("proc_raise", "i", kNotSupported),
                            always("sock_accept", "iii", kBadDescriptor),
                            always("sock_recv", "iiiiii", kBadDescriptor),
                            always("sock_send", "iiiii", kBadDescriptor),
                            always("sock_shutdown", "ii", kBadDescriptor),
                        });
}

std::vector<HostFunction> make_table() {
  std::vector<HostFunction> all;
  append_env(all);
  const std::size_t env_functions = all.size();
  append_wasi(all);
  // The same functions by the name that WASI had before.
  const std::size_t both = all.size();
  for (std::size_t i = env_functions; i < both; ++i) {
    all.push_back(all[i]);
    all.back().module = abi::kWasiOld;
  }
  return all;
}

}  // namespace

std::span<const HostFunction> host_functions() {
  static const std::vector<HostFunction> kTable = make_table();
  return kTable;
}

const HostFunction* find_host_function(std::string_view module, std::string_view name) {
  const auto all = host_functions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const HostFunction& function) {
    return function.name == name && function.module == module;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace mynah::wasm
