// SPDX-License-Identifier: Apache-2.0
// Instantiating, calling, and describing what went wrong.
#include "wasm/wasmtime_instance.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "wasm/engine_parts.h"
#include "wasm/host.h"

namespace mynah::wasm {
namespace {

constexpr std::size_t kMaxFrames = 24;
constexpr std::size_t kMaxFrameName = 200;
constexpr double kMebibyte = 1024.0 * 1024.0;

std::string letters_of(const wasm_valtype_vec_t* types) {
  std::string letters;
  for (std::size_t i = 0; i < types->size; ++i) {
    switch (wasm_valtype_kind(types->data[i])) {
      case WASM_I32:
        letters += 'i';
        break;
      case WASM_I64:
        letters += 'I';
        break;
      default:
        letters += '?';
        break;
    }
  }
  return letters;
}

std::string_view reason_of(wasmtime_trap_code_t code) {
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW:
      return "stack overflow";
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS:
      return "access outside of memory";
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS:
      return "call through a table outside of its bounds";
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL:
      return "call of a null function";
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE:
      return "indirect call of a function of another type";
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW:
      return "integer overflow";
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO:
      return "division by zero";
    case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER:
      return "number that no integer can hold";
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED:
      return "unreachable code (abort or panic)";
    case WASMTIME_TRAP_CODE_INTERRUPT:
      return "time limit";
    default:
      return {};
  }
}

}  // namespace

Result<std::unique_ptr<Instance>> make_wasmtime_instance(std::shared_ptr<const Module> module,
                                                         Host& host,
                                                         const MachineSettings& settings) {
  auto instance = std::make_unique<WasmtimeInstance>(std::move(module), host, settings.limits);
  MYNAH_OK(instance->link());
  return std::unique_ptr<Instance>(std::move(instance));
}

WasmtimeInstance::WasmtimeInstance(std::shared_ptr<const Module> module, Host& host,
                                   const Limits& limits)
    : module_(std::move(module)), host_(host), limits_(limits), wasi_(host) {
  store_ = wasmtime_store_new(module_->parts().engine, this, nullptr);
  context_ = wasmtime_store_context(store_);
  wasmtime_store_limiter(store_, static_cast<std::int64_t>(limits_.memory_bytes),
                         limits_.table_elements, 1, 16, 1);
}

WasmtimeInstance::~WasmtimeInstance() {
  if (trap_ != nullptr) wasm_trap_delete(trap_);
  wasmtime_store_delete(store_);
}

Status WasmtimeInstance::link() {
  const std::uint64_t pages = module_->binary().memory_pages;
  if (pages > limits_.memory_bytes / 65'536) {
    return Error{Errc::exhausted,
                 cat("wants ", pages / 16, " MiB of memory to start with; the limit is ",
                     limits_.memory_bytes >> 20, " MiB")};
  }
  // A start section runs here.
  host_.begin(host_.start_context(), nullptr);
  set_time_limit(limits_.start_time);
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* const error =
      wasmtime_instance_pre_instantiate(module_->parts().linked.get(), context_, &instance_, &trap);
  host_.end();
  MYNAH_OK(outcome(error, trap));

  wasmtime_extern_t memory;
  if (!wasmtime_instance_export_get(context_, &instance_, abi::kMemory.data(), abi::kMemory.size(),
                                    &memory) ||
      memory.kind != WASMTIME_EXTERN_MEMORY) {
    return Error{Errc::unsupported, "exports no memory"};
  }
  memory_ = memory.of.memory;
  for (std::size_t i = 0; i < abi::kCallbacks; ++i) MYNAH_OK(find_callback(i));
  MYNAH_OK(find(abi::kAllocate, "i", "i", allocate_));
  if (!allocate_.present) MYNAH_OK(find(abi::kMalloc, "i", "i", allocate_));
  MYNAH_OK(find(abi::kInitialize, "", "", initialize_));
  if (!initialize_.present) MYNAH_OK(find(abi::kStart, "", "", start_));
  return ok();
}

// Calls are not checked against the type any more, so the type is checked here.
Status WasmtimeInstance::find(std::string_view name, std::string_view parameters,
                              std::string_view results, Function& function) {
  wasmtime_extern_t found;
  if (!wasmtime_instance_export_get(context_, &instance_, name.data(), name.size(), &found)) {
    return ok();
  }
  bool fits = false;
  if (found.kind == WASMTIME_EXTERN_FUNC) {
    const std::unique_ptr<wasm_functype_t, Free<wasm_functype_delete>> type(
        wasmtime_func_type(context_, &found.of.func));
    fits = letters_of(wasm_functype_params(type.get())) == parameters &&
           letters_of(wasm_functype_results(type.get())) == results;
    function.function = found.of.func;
  }
  wasmtime_extern_delete(&found);
  if (!fits) return Error{Errc::unsupported, cat("exports ", name, " with another type")};
  function.parameters = static_cast<std::uint8_t>(parameters.size());
  function.present = true;
  return ok();
}

Status WasmtimeInstance::find_callback(std::size_t index) {
  const abi::CallbackShape& shape = abi::kCallbackShapes[index];
  const std::string_view results = shape.answers ? "i" : "";
  std::string parameters(shape.parameters, 'i');
  Status found = find(shape.name, parameters, results, functions_[index]);
  if (found || !shape.shorter_in_0_1_0) return found;
  parameters.pop_back();
  return find(shape.name, parameters, results, functions_[index]);
}

std::bitset<abi::kCallbacks> WasmtimeInstance::callbacks() const {
  std::bitset<abi::kCallbacks> present;
  for (std::size_t i = 0; i < abi::kCallbacks; ++i) present.set(i, functions_[i].present);
  return present;
}

// One tick more, because the tick that runs may be about to end.
void WasmtimeInstance::set_time_limit(std::chrono::milliseconds limit) {
  const auto ticks =
      (limit + Engine::kTickPeriod - std::chrono::milliseconds(1)) / Engine::kTickPeriod;
  wasmtime_context_set_epoch_deadline(context_, static_cast<std::uint64_t>(ticks) + 1);
}

Status WasmtimeInstance::run_start(const Function& function) {
  RawValue none{};
  wasm_trap_t* trap = nullptr;
  set_time_limit(limits_.start_time);
  wasmtime_error_t* const error =
      wasmtime_func_call_unchecked(context_, &function.function, &none, 1, &trap);
  const bool left = wasi_.exit_code() == 0u;
  wasi_.clear_exit();
  Status done = outcome(error, trap);
  // A command's _start may end by leaving; its exports can be called nevertheless.
  return left ? ok() : std::move(done);
}

Status WasmtimeInstance::initialize() {
  if (initialize_.present) return run_start(initialize_);
  if (start_.present) return run_start(start_);
  return ok();
}

Result<std::uint32_t> WasmtimeInstance::call(abi::Callback callback,
                                             std::span<const std::uint32_t> arguments) {
  const Function& function = functions_[static_cast<std::size_t>(callback)];
  constexpr std::size_t kMaxValues = 5;
  RawValue values[kMaxValues];
  MYNAH_CHECK(function.present && function.parameters <= arguments.size() &&
              arguments.size() <= kMaxValues);
  for (std::size_t i = 0; i < function.parameters; ++i) {
    values[i].i32 = static_cast<std::int32_t>(arguments[i]);
  }
  const bool starts =
      callback == abi::Callback::on_vm_start || callback == abi::Callback::on_configure;
  set_time_limit(starts ? limits_.start_time : limits_.call_time);
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* const error =
      wasmtime_func_call_unchecked(context_, &function.function, values, kMaxValues, &trap);
  if (error != nullptr || trap != nullptr) [[unlikely]] {
    return outcome(error, trap).error();
  }
  return shape_of(callback).answers ? static_cast<std::uint32_t>(values[0].i32) : 0;
}

std::size_t WasmtimeInstance::memory_bytes() const {
  return wasmtime_memory_data_size(context_, &memory_);
}

// Before its instance is whole a module has no memory that could be looked at.
GuestMemory WasmtimeInstance::memory() {
  if (memory_.store_id == 0) return {nullptr, 0};
  return {reinterpret_cast<char*>(wasmtime_memory_data(context_, &memory_)),
          wasmtime_memory_data_size(context_, &memory_)};
}

// A trap inside the allocator ends the host function in whose midst it is.
GuestAddress WasmtimeInstance::allocate(std::uint32_t bytes) {
  if (!allocate_.present) return 0;
  RawValue value{};
  value.i32 = static_cast<std::int32_t>(bytes);
  host_.set_allocating(true);
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* const error =
      wasmtime_func_call_unchecked(context_, &allocate_.function, &value, 1, &trap);
  host_.set_allocating(false);
  if (error != nullptr) {
    const std::string message = take_message(error);
    trap_ = wasmtime_trap_new(message.data(), message.size());
    return 0;
  }
  if (trap != nullptr) {
    trap_ = trap;
    return 0;
  }
  return static_cast<GuestAddress>(value.i32);
}

wasm_trap_t* WasmtimeInstance::take_trap() {
  if (wasi_.exit_code()) [[unlikely]] {
    const std::string message = cat("the plug-in called proc_exit(", *wasi_.exit_code(), ")");
    if (trap_ != nullptr) wasm_trap_delete(std::exchange(trap_, nullptr));
    return wasmtime_trap_new(message.data(), message.size());
  }
  return std::exchange(trap_, nullptr);
}

Status WasmtimeInstance::outcome(wasmtime_error_t* error, wasm_trap_t* trap) {
  if (error != nullptr) {
    if (trap != nullptr) wasm_trap_delete(trap);
    return Error{Errc::plugin_fault, take_message(error)};
  }
  if (trap == nullptr) return ok();
  Error fault{Errc::plugin_fault, describe(trap)};
  wasm_trap_delete(trap);
  return fault;
}

// The reason, how full the memory is, and the stack, innermost function first.
std::string WasmtimeInstance::describe(const wasm_trap_t* trap) const {
  wasmtime_trap_code_t code = 0;
  std::string_view reason;
  if (wasmtime_trap_code(trap, &code)) reason = reason_of(code);
  std::string text(reason);
  if (text.empty()) {
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    text.assign(message.data, message.size);
    while (!text.empty() && text.back() == '\0') text.pop_back();
    wasm_byte_vec_delete(&message);
  }
  if (memory_.store_id != 0) {
    const auto used = static_cast<double>(memory_bytes()) / kMebibyte;
    const auto limit = static_cast<double>(limits_.memory_bytes) / kMebibyte;
    append(text, "; memory ", used, " of ", limit, " MiB");
  }
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  for (std::size_t i = 0; i < std::min(frames.size, kMaxFrames); ++i) {
    const wasm_name_t* const name = wasmtime_frame_func_name(frames.data[i]);
    append(text, "\n  at ");
    if (name != nullptr) {
      append(text, utf8_prefix(std::string_view(name->data, name->size), kMaxFrameName));
    } else {
      append(text, "function ", wasm_frame_func_index(frames.data[i]));
    }
    append(text, " (offset ", wasm_frame_module_offset(frames.data[i]), ")");
  }
  if (frames.size > kMaxFrames) append(text, "\n  and ", frames.size - kMaxFrames, " more");
  wasm_frame_vec_delete(&frames);
  return text;
}

}  // namespace mynah::wasm
