// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a transformer, in one variant for each kind of processor; the best that the
// machine has is chosen when the program runs.
//
// Rows are those of tokens. Widths that rows and layers are padded to are multiples of kColumns for
// what comes out and of kDepth for bytes that go in; the padding holds zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"

namespace mynah::embed {

inline constexpr std::size_t kColumns = 32;
inline constexpr std::size_t kDepth = 64;

constexpr std::size_t padded(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

// Zeros to begin with, on the boundary of a cache line.
template <class T>
class AlignedArray final {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : size_(size) {
    constexpr std::size_t kLine = 64;
    const std::size_t bytes = padded(size * sizeof(T), kLine);
    data_.reset(static_cast<T*>(std::aligned_alloc(kLine, bytes == 0 ? kLine : bytes)));
    MYNAH_CHECK(data_ != nullptr);
    std::memset(data_.get(), 0, bytes);
  }

  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return data_.get()[index]; }
  const T& operator[](std::size_t index) const { return data_.get()[index]; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

// A linear layer of signed bytes: out = (in - zero) * weights * scales + bias.
struct ByteLayer {
  std::size_t inputs = 0;   // padded to kDepth
  std::size_t outputs = 0;  // padded to kColumns
  // Blocks of 16 columns, one after the other; in a block, for each four inputs, four weights of
  // each column.
  AlignedArray<std::int8_t> weights;
  AlignedArray<float> scales;       // by column
  AlignedArray<std::int32_t> sums;  // of each column's weights
  AlignedArray<float> bias;
  // All weights lie within ±64, so that two products fit into 16 bits.
  bool narrow = false;

  static constexpr std::size_t kBlock = 16;
  [[nodiscard]] std::size_t place_of(std::size_t input, std::size_t output) const {
    return (output / kBlock * (inputs / 4) + input / 4) * (kBlock * 4) + output % kBlock * 4 +
           input % 4;
  }
};

// A linear layer of floats: blocks of kColumns columns, one after the other; in a block, a row for
// each input.
struct FloatLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;  // padded to kColumns
  AlignedArray<float> weights;
  AlignedArray<float> bias;

  [[nodiscard]] std::size_t place_of(std::size_t input, std::size_t output) const {
    return (output / kColumns * inputs + input) * kColumns + output % kColumns;
  }
};

// Rows of bytes that stand for floats: (byte - zero) * scale, with a scale and a zero a row.
struct ByteRows {
  const std::uint8_t* bytes = nullptr;
  std::size_t stride = 0;  // as many as the layer has inputs
  std::size_t rows = 0;
  const float* scales = nullptr;
  const std::int32_t* zeros = nullptr;
};

struct Quantum {
  float scale = 1;
  std::int32_t zero = 0;
};

// The queries, keys and values of one text, and room for what lies between.
struct Attention {
  const float* queries_keys_values = nullptr;  // of each token, one behind the other
  std::size_t stride = 0;
  std::size_t length = 0;  // tokens
  std::size_t heads = 0;
  std::size_t head_width = 0;
  float* room = nullptr;  // attention_room() floats
  float* out = nullptr;   // of each token, `heads * head_width`
  std::size_t out_stride = 0;
};
std::size_t attention_room(std::size_t length, std::size_t head_width);

struct Kernels {
  const char* name = "";
  // out: rows of `layer.outputs`.
  void (*multiply_bytes)(const ByteRows& in, const ByteLayer& layer, float* out);
  void (*multiply_floats)(const float* in, std::size_t stride, std::size_t rows,
                          const FloatLayer& layer, float* out);
  // Bytes that stand best for all these rows together.
  Quantum (*quantize)(const float* in, std::size_t in_stride, std::size_t rows, std::size_t width,
                      std::uint8_t* out, std::size_t out_stride);
  void (*attend)(const Attention& attention);
  // x = x * (1 + erf(x / √2)) / 2
  void (*gelu)(float* x, std::size_t size);
  // A row: x = (x + y - mean) / deviation * scale + shift.
  void (*add_and_normalize)(float* x, const float* y, std::size_t width, const float* scale,
                            const float* shift, float epsilon);
};

// All that this machine can run, the best one last. Results of variants differ in the last bits of
// a float only.
std::span<const Kernels* const> kernels_of_this_machine();

namespace detail {
extern const Kernels kPlainKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kAmxKernels;
}  // namespace detail

}  // namespace mynah::embed
