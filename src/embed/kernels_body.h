// SPDX-License-Identifier: Apache-2.0
// The part of the kernels that is written once, in vectors of sixteen floats, and compiled for each
// kind of processor by the file that includes it: between the pragmas that name the processor's
// features. Vectors are passed by reference, since how they are passed by value depends on those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "embed/kernels.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

inline void load(Floats& to, const float* from) { std::memcpy(&to, from, sizeof to); }
inline void store(float* to, const Floats& from) { std::memcpy(to, &from, sizeof from); }

inline void take_larger(Floats& x, const Floats& y) { x = x > y ? x : y; }
inline void take_smaller(Floats& x, const Floats& y) { x = x < y ? x : y; }

inline float sum_of(const Floats& x) {
  float sum = 0;
  for (std::size_t i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

// To the nearest whole number, halves to the even one: adding 1.5 * 2^23 leaves no room for the
// fraction.
inline void round_to_whole(Floats& x) {
  constexpr float kShift = 12582912.0F;
  x = (x + kShift) - kShift;
}

// e^x = 2^n * e^r with |r| <= ln(2) / 2, by a polynomial; 0 below -87.
inline void exponentiate(Floats& x) {
  take_larger(x, Floats{} - 87.0F);
  take_smaller(x, Floats{} + 88.0F);
  Floats n = x * 1.44269504F;
  round_to_whole(n);
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Floats p = Floats{} + 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
  Floats scale;
  std::memcpy(&scale, &power, sizeof scale);
  x = p * scale;
}

// By formula 7.1.26 of Abramowitz and Stegun, good to 1.5e-7.
inline void error_function(Floats& x) {
  const Floats positive = x < 0.0F ? -x : x;
  const Floats t = 1.0F / (positive * 0.3275911F + 1.0F);
  Floats p = t * 1.061405429F - 1.453152027F;
  p = p * t + 1.421413741F;
  p = p * t - 0.284496736F;
  p = (p * t + 0.254829592F) * t;
  Floats bell = -(positive * positive);
  exponentiate(bell);
  const Floats result = 1.0F - p * bell;
  x = x < 0.0F ? -result : result;
}

void gelu(float* x, std::size_t size) {
  for (std::size_t i = 0; i < size; i += kLanes) {
    Floats value;
    load(value, x + i);
    Floats bend = value * 0.70710678F;
    error_function(bend);
    store(x + i, value * 0.5F * (bend + 1.0F));
  }
}

void add_and_normalize(float* x, const float* y, std::size_t width, const float* scale,
                       const float* shift, float epsilon) {
  Floats sums{};
  for (std::size_t i = 0; i < width; ++i) x[i] += y[i];
  const std::size_t whole = width / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    Floats value;
    load(value, x + i);
    sums += value;
  }
  float sum = sum_of(sums);
  for (std::size_t i = whole; i < width; ++i) sum += x[i];
  const float mean = sum / static_cast<float>(width);
  Floats squares{};
  for (std::size_t i = 0; i < whole; i += kLanes) {
    Floats value;
    load(value, x + i);
    value -= mean;
    squares += value * value;
  }
  float square = sum_of(squares);
  for (std::size_t i = whole; i < width; ++i) square += (x[i] - mean) * (x[i] - mean);
  const float factor = 1.0F / __builtin_sqrtf(square / static_cast<float>(width) + epsilon);
  for (std::size_t i = 0; i < width; ++i) x[i] = (x[i] - mean) * factor * scale[i] + shift[i];
}

// The range of all values, zero among them, is cut into 255 equal steps.
Quantum quantize(const float* in, std::size_t in_stride, std::size_t rows, std::size_t width,
                 std::uint8_t* out, std::size_t out_stride) {
  Floats lows{};
  Floats highs{};
  float low = 0;
  float high = 0;
  const std::size_t whole = width / kLanes * kLanes;
  for (std::size_t row = 0; row < rows; ++row) {
    const float* from = in + row * in_stride;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      Floats value;
      load(value, from + i);
      take_smaller(lows, value);
      take_larger(highs, value);
    }
    for (std::size_t i = whole; i < width; ++i) {
      low = from[i] < low ? from[i] : low;
      high = from[i] > high ? from[i] : high;
    }
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    low = lows[i] < low ? lows[i] : low;
    high = highs[i] > high ? highs[i] : high;
  }
  constexpr float kRangeMax = 1e38F;   // beyond lies no scale, which only a damaged model reaches
  constexpr float kRangeMin = 1e-30F;  // and below none, nor anything to tell apart
  if (!(high - low > kRangeMin && high - low < kRangeMax)) {
    for (std::size_t row = 0; row < rows; ++row) std::memset(out + row * out_stride, 0, width);
    return {};
  }
  const float scale = (high - low) / 255.0F;
  const float steps = 1.0F / scale;
  const float zero = __builtin_rintf(-low * steps);
  for (std::size_t row = 0; row < rows; ++row) {
    const float* from = in + row * in_stride;
    std::uint8_t* to = out + row * out_stride;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      Floats value;
      load(value, from + i);
      value = value * steps;
      round_to_whole(value);
      value += zero;
      take_larger(value, Floats{});
      take_smaller(value, Floats{} + 255.0F);
      using Bytes = std::uint8_t __attribute__((vector_size(kLanes)));
      const Bytes bytes = __builtin_convertvector(__builtin_convertvector(value, Ints), Bytes);
      std::memcpy(to + i, &bytes, sizeof bytes);
    }
    for (std::size_t i = whole; i < width; ++i) {
      const float value = __builtin_rintf(from[i] * steps) + zero;
      to[i] = static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
    }
  }
  return {scale, static_cast<std::int32_t>(zero)};
}

// kRows rows of `out`, two vectors wide: the sum over `depth` of a[row][k] * b[k].
template <std::size_t kRows>
inline void multiply_tile(const float* a, std::size_t a_stride, const float* b, std::size_t depth,
                          float* out, std::size_t out_stride, const float* start) {
  Floats sums[kRows][2];
  for (std::size_t row = 0; row < kRows; ++row) {
    sums[row][0] = Floats{};
    sums[row][1] = Floats{};
    if (start != nullptr) {
      load(sums[row][0], start);
      load(sums[row][1], start + kLanes);
    }
  }
  for (std::size_t k = 0; k < depth; ++k) {
    Floats left;
    Floats right;
    load(left, b + k * kColumns);
    load(right, b + k * kColumns + kLanes);
    for (std::size_t row = 0; row < kRows; ++row) {
      const float factor = a[row * a_stride + k];
      sums[row][0] += left * factor;
      sums[row][1] += right * factor;
    }
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    store(out + row * out_stride, sums[row][0]);
    store(out + row * out_stride + kLanes, sums[row][1]);
  }
}

// out[rows][columns] = a[rows][depth] * b[depth][columns], plus `bias` of each column if there is
// one. `columns` is a multiple of kColumns; so many columns of b lie together, row by row, since
// rows that are a power of two apart would drive each other out of the first cache.
void multiply(const float* a, std::size_t a_stride, std::size_t rows, const float* b,
              std::size_t depth, std::size_t columns, float* out, std::size_t out_stride,
              const float* bias) {
  constexpr std::size_t kRows = 4;
  for (std::size_t column = 0; column < columns; column += kColumns) {
    const float* start = bias == nullptr ? nullptr : bias + column;
    std::size_t row = 0;
    for (; row + kRows <= rows; row += kRows) {
      multiply_tile<kRows>(a + row * a_stride, a_stride, b + column * depth, depth,
                           out + row * out_stride + column, out_stride, start);
    }
    for (; row < rows; ++row) {
      multiply_tile<1>(a + row * a_stride, a_stride, b + column * depth, depth,
                       out + row * out_stride + column, out_stride, start);
    }
  }
}

void multiply_floats(const float* in, std::size_t stride, std::size_t rows, const FloatLayer& layer,
                     float* out) {
  multiply(in, stride, rows, layer.weights.data(), layer.inputs, layer.outputs, out, layer.outputs,
           layer.bias.data());
}

// Scores to shares of one: e^score / sum; what lies behind `length` becomes zero.
void soften(float* scores, std::size_t length, std::size_t room) {
  for (std::size_t i = length; i < room; ++i) scores[i] = scores[0];
  Floats highs = Floats{} + scores[0];
  for (std::size_t i = 0; i < room; i += kLanes) {
    Floats value;
    load(value, scores + i);
    take_larger(highs, value);
  }
  float highest = highs[0];
  for (std::size_t i = 1; i < kLanes; ++i) highest = highs[i] > highest ? highs[i] : highest;
  for (std::size_t i = length; i < room; ++i) scores[i] = highest;
  Floats sums{};
  for (std::size_t i = 0; i < room; i += kLanes) {
    Floats value;
    load(value, scores + i);
    value -= highest;
    exponentiate(value);
    sums += value;
    store(scores + i, value);
  }
  const float factor = 1.0F / (sum_of(sums) - static_cast<float>(room - length));
  for (std::size_t i = 0; i < length; ++i) scores[i] *= factor;
  for (std::size_t i = length; i < room; ++i) scores[i] = 0;
}

void attend(const Attention& attention) {
  const std::size_t length = attention.length;
  const std::size_t width = attention.head_width;
  const std::size_t row = padded(length, kColumns);
  const std::size_t wide = padded(width, kColumns);
  const std::size_t hidden = attention.heads * width;
  float* keys = attention.room;  // turned over: a row for each of the head's numbers
  float* values = keys + width * row;
  float* mixed = values + row * wide;
  float* scores = mixed + row * wide;
  const float factor = 1.0F / __builtin_sqrtf(static_cast<float>(width));
  for (std::size_t head = 0; head < attention.heads; ++head) {
    const float* queries = attention.queries_keys_values + head * width;
    for (std::size_t token = 0; token < length; ++token) {
      const float* key = queries + hidden + token * attention.stride;
      const float* value = key + hidden;
      float* turned = keys + token / kColumns * kColumns * width + token % kColumns;
#ifdef __clang__
#pragma clang loop vectorize(disable)  // by scattered stores, which are slower than these
#endif
      for (std::size_t i = 0; i < width; ++i) turned[i * kColumns] = key[i] * factor;
      for (std::size_t i = 0; i < width; i += kColumns) {
        const std::size_t columns = width - i < kColumns ? width - i : kColumns;
        std::memcpy(values + i * length + token * kColumns, value + i, columns * sizeof(float));
      }
    }
    multiply(queries, attention.stride, length, keys, width, row, scores, row, nullptr);
    for (std::size_t token = 0; token < length; ++token) soften(scores + token * row, length, row);
    multiply(scores, row, length, values, length, wide, mixed, wide, nullptr);
    for (std::size_t token = 0; token < length; ++token) {
      std::memcpy(attention.out + token * attention.out_stride + head * width, mixed + token * wide,
                  width * sizeof(float));
    }
  }
}

// Sums of products of bytes to what a layer gives, for sixteen columns.
inline void finish(const void* sums, std::int32_t zero, float scale, const ByteLayer& layer,
                   std::size_t column, float* out) {
  Ints products;
  Ints weights;
  std::memcpy(&products, sums, sizeof products);
  std::memcpy(&weights, &layer.sums[column], sizeof weights);
  Floats scales;
  Floats bias;
  load(scales, &layer.scales[column]);
  load(bias, &layer.bias[column]);
  store(out, __builtin_convertvector(products - weights * zero, Floats) * (scales * scale) + bias);
}

// A byte layer for processors whose products are made a register at a time: `Unit::kTileRows` rows
// by two registers of columns, so that each weight that is read serves all rows, and each byte of
// a row two registers. A Unit has
//
//   Register, kLanes       sums of so many columns
//   Weights                what four inputs weigh for the two registers' columns
//   clear(Register&)       sums of nothing
//   load(Weights&, left, right)
//   add(Register (&sums)[2], four, weights)      `four` bytes of a row
template <class Unit, std::size_t kRows>
void multiply_rows(const ByteRows& in, std::size_t row, const ByteLayer& layer, std::size_t column,
                   float* out) {
  const std::int8_t* left = layer.weights.data() + layer.place_of(0, column);
  const std::int8_t* right = layer.weights.data() + layer.place_of(0, column + Unit::kLanes);
  const std::uint8_t* bytes = in.bytes + row * in.stride;
  typename Unit::Register sums[kRows][2];
  for (std::size_t i = 0; i < kRows; ++i) {
    Unit::clear(sums[i][0]);
    Unit::clear(sums[i][1]);
  }
  for (std::size_t k = 0; k < layer.inputs; k += 4) {
    typename Unit::Weights weights;
    Unit::load(weights, left + k * ByteLayer::kBlock, right + k * ByteLayer::kBlock);
    for (std::size_t i = 0; i < kRows; ++i) {
      std::int32_t four = 0;
      std::memcpy(&four, bytes + i * in.stride + k, sizeof four);
      Unit::add(sums[i], four, weights);
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    float* to = out + (row + i) * layer.outputs + column;
    for (std::size_t done = 0; done < 2 * Unit::kLanes; done += kLanes) {
      finish(&sums[i][done / Unit::kLanes], in.zeros[row + i], in.scales[row + i], layer,
             column + done, to + done);
    }
  }
}

// The last rows are fewer than a tile's: for each number of them there is a function.
template <class Unit, std::size_t kRows = Unit::kTileRows>
void multiply_last_rows(const ByteRows& in, std::size_t row, const ByteLayer& layer,
                        std::size_t column, float* out) {
  if (in.rows - row >= kRows) return multiply_rows<Unit, kRows>(in, row, layer, column, out);
  if constexpr (kRows > 1) multiply_last_rows<Unit, kRows - 1>(in, row, layer, column, out);
}

template <class Unit>
void multiply_by_registers(const ByteRows& in, const ByteLayer& layer, float* out) {
  for (std::size_t column = 0; column < layer.outputs; column += 2 * Unit::kLanes) {
    for (std::size_t row = 0; row < in.rows; row += Unit::kTileRows)
      multiply_last_rows<Unit>(in, row, layer, column, out);
  }
}

// All that a processor of the including file computes; products of bytes are its own.
constexpr Kernels kernels_with(const char* name, decltype(Kernels::multiply_bytes) multiply_bytes) {
  return {.name = name,
          .multiply_bytes = multiply_bytes,
          .multiply_floats = multiply_floats,
          .quantize = quantize,
          .attend = attend,
          .gelu = gelu,
          .add_and_normalize = add_and_normalize};
}

}  // namespace
}  // namespace mynah::embed
