// The loops that cost time, each compiled for several instruction sets and chosen at run time.
//
// Layout: matrices of weights are cut into panels of 16 columns, [panel][row][16], so that a kernel
// walks memory in order whatever the width. Every sum runs over its terms in order, one multiply-add
// each, so results depend neither on block sizes nor on how work is split. AVX2, AVX-512 and NEON fuse
// it and round once, so products are the same bits there; the baseline of x86 rounds each term, too, so
// its last digits are others. Adam and layer normalization leave that to the compiler, which decides
// otherwise on arm64 than on x86: after an update the weights' last digits differ.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace engine {

// Inlined into whatever calls it, and so compiled for the caller's instruction set.
#define ENGINE_INLINE inline __attribute__((always_inline))

constexpr int kPanel = 16;

/// Whether `count` floats are all +0.
ENGINE_INLINE bool isZero(const float* values, int count) {
  uint32_t bits = 0;
  for (int i = 0; i < count; i++) {
    uint32_t word;
    std::memcpy(&word, values + i, sizeof word);
    bits |= word;
  }
  return bits == 0;
}

/// out[m, n] = start + sum over segments s, k of a[m][s * segmentStride + k] * panels[n][s, k].
/// Row m of `a` begins at a + aOffset[m]: an image patch is read where it lies, without im2col.
struct Product {
  const float* a;
  const ptrdiff_t* aOffset;
  int rows;
  int segments;  // rows of the convolution kernel
  ptrdiff_t segmentStride;
  int length;  // contiguous terms of a segment
  const float* panels;
  ptrdiff_t panelStride;
  int panelCount;
  float* out;
  const ptrdiff_t* outOffset;
  const float* bias;  // start of the sum; nullptr: add to what `out` holds
  bool relu;
  bool skipZeros;  // leaves out a segment that is zero in all rows of a block: pictures are mostly black
};

/// out[panel][k] (+)= sum over rows m of a[m][k] * delta[m][panel], for k in [0, length).
struct WeightGradient {
  const float* a;
  const ptrdiff_t* aOffset;
  const float* delta;
  const ptrdiff_t* deltaOffset;
  int rows;
  int length;
  float* out;
  ptrdiff_t panelStride;
  int panelCount;
  bool accumulate;
};

/// Adam as PyTorch and TensorFlow.js define it: epsilon is added after bias correction.
struct AdamStep {
  float stepSize;          // learning rate / (1 - beta1^t)
  float secondCorrection;  // 1 / sqrt(1 - beta2^t)
  float beta1, beta2, epsilon;
  // Subtracted in double: as floats, 1 - 0.999f is off by 1e-5.
  float oneMinusBeta1, oneMinusBeta2;
};

struct Kernels {
  const char* name;
  void (*product)(const Product&);
  void (*weightGradient)(const WeightGradient&);
  void (*adam)(const AdamStep&, float gradientScale, const float* gradient, float* weight,
               float* firstMoment, float* secondMoment, size_t count);
};

/// The kernels for the processor at hand; `name` asks for one set, nullptr for the fastest.
/// Returns nullptr when this processor does not have it.
const Kernels* findKernels(const char* name);

}  // namespace engine
