// SPDX-License-Identifier: Apache-2.0
// Host functions: properties. What is about the machine is answered here, the rest by the exchange
// or the outside.
#include <array>
#include <cstring>

#include "base/text.h"
#include "wasm/host.h"

namespace mynah::wasm {
namespace {

constexpr std::size_t kMaxPathNames = 16;

// A path taken apart; some plug-ins leave a separator at its end.
class Path final {
 public:
  explicit Path(std::string_view path) {
    if (path.ends_with(abi::kPathSeparator)) path.remove_suffix(1);
    while (count_ < kMaxPathNames) {
      const std::size_t end = path.find(abi::kPathSeparator);
      names_[count_++] = path.substr(0, end);
      if (end == std::string_view::npos) return;
      path.remove_prefix(end + 1);
    }
    count_ = 0;
  }
  [[nodiscard]] bool valid() const { return count_ > 0 && !names_[0].empty(); }
  operator PropertyPath() const { return {names_.data(), count_}; }

 private:
  // tidy: allow string_view: lives no longer than the call
  std::array<std::string_view, kMaxPathNames> names_;
  std::size_t count_ = 0;
};

template <class T>
std::string bytes_of(T number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

void encode(Property property, Reply& reply) {
  if (auto* text = std::get_if<std::string>(&property)) return reply.own(std::move(*text));
  if (auto* map = std::get_if<Headers>(&property)) return reply.own_pairs(std::move(*map));
  if (const auto* truth = std::get_if<bool>(&property)) {
    return reply.own(std::string(1, *truth ? '\1' : '\0'));
  }
  if (const auto* real = std::get_if<double>(&property)) return reply.own(bytes_of(*real));
  reply.own(bytes_of(std::get<std::int64_t>(property)));
}

}  // namespace

std::optional<Property> Host::own_property(PropertyPath path) {
  if (path.size() != 1) return std::nullopt;
  const std::string_view name = path[0];
  if (!name.starts_with("plugin_")) return std::nullopt;
  if (name == "plugin_name") return settings_.name;
  if (name == "plugin_root_id") return acting_root().name;
  if (name == "plugin_vm_id") return settings_.vm_id;
  if (name == "plugin_vm_memory") return static_cast<std::int64_t>(memory_ ? memory_() : 0);
  return std::nullopt;
}

abi::Status Host::get_property(std::string_view path, Reply& value) {
  if (path.size() > settings_.limits.property_path_bytes) return abi::Status::bad_argument;
  const Path names(path);
  if (!names.valid()) return abi::Status::bad_argument;
  std::optional<Property> property = own_property(names);
  if (!property) {
    property = exchange() != nullptr ? exchange()->property(names) : outside_.property(names);
  }
  if (!property) return abi::Status::not_found;
  encode(*std::move(property), value);
  return abi::Status::ok;
}

abi::Status Host::set_property(std::string_view path, std::string_view value) {
  const Limits& limits = settings_.limits;
  if (path.size() > limits.property_path_bytes || value.size() > limits.property_value_bytes) {
    return abi::Status::bad_argument;
  }
  const Path names(path);
  if (!names.valid()) return abi::Status::bad_argument;
  const PropertyPath parts = names;
  if (parts.size() == 1 && parts[0] == "wasm_need_rebuild") {
    wants_rebuild_ = value == "true";
    return abi::Status::ok;
  }
  if (exchange() == nullptr) return abi::Status::not_found;
  const Status set = exchange()->set_property(names, value);
  return set ? abi::Status::ok : status_of(set.error());
}

}  // namespace mynah::wasm
