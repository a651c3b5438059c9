// SPDX-License-Identifier: Apache-2.0
// Writing and reading tar; what is read is not trusted.
#include "control/admin/tar.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "base/text.h"

namespace mynah::control {

namespace {

constexpr std::size_t kBlock = 512;
using Block = std::array<char, kBlock>;

// Where the fields of a header stand.
struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kSum{148, 8};
constexpr std::size_t kType = 156;
constexpr Field kMagic{257, 8};
constexpr std::string_view kMagicText{"ustar\00000", 8};

void put_octal(Block& block, Field field, std::uint64_t number) {
  block[field.at + field.size - 1] = '\0';
  for (std::size_t i = field.size - 1; i-- > 0; number /= 8) {
    block[field.at + i] = static_cast<char>('0' + number % 8);
  }
}

// The sum of the header's bytes, its own field taken as blanks.
std::uint64_t sum_of(Block block) {
  std::fill_n(block.begin() + kSum.at, kSum.size, ' ');
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  return sum;
}

std::string_view text_in(const Block& block, Field field) {
  const std::string_view text(block.data() + field.at, field.size);
  return text.substr(0, text.find('\0'));
}

Result<std::uint64_t> octal_in(const Block& block, Field field) {
  std::uint64_t number = 0;
  const std::string_view digits = trim(text_in(block, field));
  for (const char c : digits) {
    if (c < '0' || c > '7') return Error{Errc::invalid_argument, "a number is malformed"};
    number = number * 8 + static_cast<std::uint64_t>(c - '0');
  }
  if (digits.empty()) return Error{Errc::invalid_argument, "a number is missing"};
  return number;
}

std::size_t padding_of(std::uint64_t bytes) { return (kBlock - bytes % kBlock) % kBlock; }

bool is_safe(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && path.is_relative() && path.lexically_normal() == path &&
         std::ranges::none_of(path, [](const auto& part) { return part == ".." || part == "."; });
}

}  // namespace

Result<std::uint64_t> TarWriter::add(const std::string& name, const std::string& path) {
  if (name.size() > kName.size) return Error{Errc::too_large, cat(name, ": the name is too long")};
  std::error_code failure;
  const std::uint64_t bytes = std::filesystem::file_size(path, failure);
  std::ifstream in(path, std::ios::binary);
  if (failure || !in) return Error{Errc::unavailable, cat(path, " cannot be read")};
  Block header{};
  std::ranges::copy(name, header.begin() + kName.at);
  put_octal(header, kMode, 0600);
  put_octal(header, kSize, bytes);
  put_octal(header, kTime, 0);
  header[kType] = '0';
  std::ranges::copy(kMagicText, header.begin() + kMagic.at);
  put_octal(header, kSum, sum_of(header));
  out_.write(header.data(), kBlock);

  std::array<char, 64 * 1024> piece{};
  std::uint64_t left = bytes;
  while (left > 0 && in) {
    const auto wanted = static_cast<std::streamsize>(std::min<std::uint64_t>(left, piece.size()));
    in.read(piece.data(), wanted);
    out_.write(piece.data(), in.gcount());
    left -= static_cast<std::uint64_t>(in.gcount());
  }
  if (left > 0) return Error{Errc::unavailable, cat(path, " became shorter meanwhile")};
  const Block zeros{};
  out_.write(zeros.data(), static_cast<std::streamsize>(padding_of(bytes)));
  if (!out_) return Error{Errc::unavailable, "the archive cannot be written"};
  return bytes;
}

Status TarWriter::end() {
  const std::array<char, 2 * kBlock> zeros{};
  out_.write(zeros.data(), zeros.size());
  out_.flush();
  if (!out_) return Error{Errc::unavailable, "the archive cannot be written"};
  return ok();
}

Status read_tar(std::istream& in,
                const std::function<Status(const std::string& name, std::uint64_t bytes,
                                           std::istream& in)>& take) {
  const Error torn{Errc::invalid_argument, "the archive ends too early"};
  while (true) {
    Block header{};
    if (!in.read(header.data(), kBlock)) return torn;
    if (std::ranges::all_of(header, [](char c) { return c == '\0'; })) return ok();
    MYNAH_LET(const std::uint64_t sum, octal_in(header, kSum));
    MYNAH_LET(const std::uint64_t bytes, octal_in(header, kSize));
    if (sum != sum_of(header)) {
      return Error{Errc::invalid_argument, "this is no archive, or it is damaged"};
    }
    const std::string name(text_in(header, kName));
    if (header[kType] != '0' || !is_safe(name)) {
      return Error{Errc::invalid_argument,
                   cat("the archive holds ", name, ", which no backup has")};
    }
    const std::istream::pos_type begin = in.tellg();
    MYNAH_OK(take(name, bytes, in));
    in.seekg(begin + static_cast<std::streamoff>(bytes + padding_of(bytes)));
    if (!in) return torn;
  }
}

}  // namespace mynah::control
