// SPDX-License-Identifier: Apache-2.0
// For processors that multiply whole tiles of bytes (AMX). A product of tiles is 16 rows by 16
// columns, over 64 inputs; two by two of them are summed at a time.
#include <cstring>
#include <immintrin.h>

#include "embed/kernels.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("amx-tile,amx-int8,avx512f,avx512bw,"       \
                                                   "avx512dq,avx512vl,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("amx-tile,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")
#endif
#include "embed/kernels_body.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kTileRows = 16;
constexpr std::size_t kTileBytes = 64;  // of a row
constexpr std::size_t kTileSums = kTileRows * ByteLayer::kBlock;

// What the processor reads to know the shapes of its eight tiles.
struct TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t first_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileShapes) == 64, "the processor reads a cache line");

// Tiles 0 to 3 are sums (upper left, upper right, lower left, lower right), 4 and 5 rows, 6 and 7
// weights.
void shape_tiles(std::size_t upper_rows, std::size_t lower_rows) {
  TileShapes shapes;
  const std::size_t rows[8] = {upper_rows, upper_rows, lower_rows, lower_rows,
                               upper_rows, lower_rows, kTileRows,  kTileRows};
  for (std::size_t i = 0; i < 8; ++i) {
    shapes.row_bytes[i] = kTileBytes;
    // No tile may be empty: one that is not used has a row.
    shapes.rows[i] = static_cast<std::uint8_t>(rows[i] == 0 ? 1 : rows[i]);
  }
  _tile_loadconfig(&shapes);
}

// Sums of two blocks of columns, for the upper rows and, if there are any, for the lower ones.
void multiply_tiles(const std::uint8_t* rows, std::size_t stride, bool lower,
                    const std::int8_t* weights, std::size_t inputs, std::int32_t* sums) {
  const std::uint8_t* lower_rows = lower ? rows + kTileRows * stride : rows;
  const std::int8_t* right = weights + inputs * ByteLayer::kBlock;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::size_t k = 0; k < inputs; k += kTileBytes) {
    _tile_loadd(6, weights + k * ByteLayer::kBlock, kTileBytes);
    _tile_loadd(7, right + k * ByteLayer::kBlock, kTileBytes);
    _tile_loadd(4, rows + k, stride);
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    if (!lower) continue;
    _tile_loadd(5, lower_rows + k, stride);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_stored(0, sums, kTileBytes);
  _tile_stored(1, sums + kTileSums, kTileBytes);
  if (!lower) return;
  _tile_stored(2, sums + 2 * kTileSums, kTileBytes);
  _tile_stored(3, sums + 3 * kTileSums, kTileBytes);
}

void multiply_bytes(const ByteRows& in, const ByteLayer& layer, float* out) {
  alignas(kTileBytes) std::int32_t sums[4 * kTileSums];
  for (std::size_t first = 0; first < in.rows; first += 2 * kTileRows) {
    const std::size_t left = in.rows - first;
    const std::size_t upper = left < kTileRows ? left : kTileRows;
    const std::size_t rows = left < 2 * kTileRows ? left : 2 * kTileRows;
    shape_tiles(upper, rows - upper);
    for (std::size_t column = 0; column < layer.outputs; column += 2 * ByteLayer::kBlock) {
      multiply_tiles(in.bytes + first * in.stride, in.stride, rows > upper,
                     layer.weights.data() + layer.place_of(0, column), layer.inputs, sums);
      for (std::size_t i = 0; i < rows; ++i) {
        const std::int32_t* from =
            sums + i / kTileRows * 2 * kTileSums + i % kTileRows * ByteLayer::kBlock;
        float* to = out + (first + i) * layer.outputs + column;
        for (std::size_t half = 0; half < 2; ++half) {
          finish(from + half * kTileSums, in.zeros[first + i], in.scales[first + i], layer,
                 column + half * ByteLayer::kBlock, to + half * ByteLayer::kBlock);
        }
      }
    }
  }
  // Else every switch of threads would save the tiles.
  _tile_release();
}

}  // namespace

constinit const Kernels detail::kAmxKernels = kernels_with("amx", multiply_bytes);

}  // namespace mynah::embed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
