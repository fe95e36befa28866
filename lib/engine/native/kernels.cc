// The kernels of kernels.h, written once as templates and compiled for each instruction set.
#include "kernels.h"

#include <cmath>
#include <cstring>

// Functions below are templates inlined into one entry point per instruction set: only the entry
// points carry a target attribute, so no code for a newer processor leaks into shared functions.

namespace engine {
namespace {

// A block of rows x panels of sums stays in registers: 24 registers of 32, or 12 of 16.
#if defined(__x86_64__)
struct Avx512 {
  typedef float Vector __attribute__((vector_size(64), aligned(4), may_alias));
  static constexpr int kLanes = 16, kRows = 12, kPanels = 2;
};
struct Avx2 {
  typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));
  static constexpr int kLanes = 8, kRows = 6, kPanels = 1;
};
#endif
struct Baseline {  // SSE2 or NEON
  typedef float Vector __attribute__((vector_size(16), aligned(4), may_alias));
#if defined(__aarch64__)
  static constexpr int kLanes = 4, kRows = 6, kPanels = 1;
#else
  static constexpr int kLanes = 4, kRows = 2, kPanels = 1;
#endif
};

/// One block of Product: `Rows` rows from `row`, `Panels` panels from `panel`.
template <class Isa, int Rows, int Panels>
ENGINE_INLINE void productBlock(const Product& p, int row, int panel) {
  using Vector = typename Isa::Vector;
  constexpr int kPerPanel = kPanel / Isa::kLanes, kVectors = Panels * kPerPanel;
  const float* a[Rows];
  for (int i = 0; i < Rows; i++) a[i] = p.a + p.aOffset[row + i];
  const float* b = p.panels + panel * p.panelStride;
  const ptrdiff_t panelStride = p.panelStride;

  Vector sum[Rows][kVectors];
  for (int i = 0; i < Rows; i++) {
    const float* start = p.bias ? p.bias : p.out + p.outOffset[row + i];
    for (int j = 0; j < kVectors; j++)
      sum[i][j] = *(const Vector*)(start + panel * kPanel + j * Isa::kLanes);
  }
  for (int s = 0; s < p.segments; s++) {
    if (p.skipZeros) {
      int black = 0;
      while (black < Rows && isZero(a[black], p.length)) black++;
      if (black == Rows) {
        for (int i = 0; i < Rows; i++) a[i] += p.segmentStride;
        b += (ptrdiff_t)p.length * kPanel;
        continue;
      }
    }
    for (int k = 0; k < p.length; k++) {
      Vector column[kVectors];
      for (int j = 0; j < kVectors; j++)
        column[j] = *(const Vector*)(b + (j / kPerPanel) * panelStride + (j % kPerPanel) * Isa::kLanes);
      b += kPanel;
      for (int i = 0; i < Rows; i++) {
        const float x = a[i][k];
        for (int j = 0; j < kVectors; j++) sum[i][j] += column[j] * x;
      }
    }
    for (int i = 0; i < Rows; i++) a[i] += p.segmentStride;
  }
  for (int i = 0; i < Rows; i++) {
    float* out = p.out + p.outOffset[row + i] + panel * kPanel;
    for (int j = 0; j < kVectors; j++) {
      Vector value = sum[i][j];
      // A comparison and not max, which may turn a NaN into a harmless zero.
      if (p.relu) value = value <= 0 ? Vector{} : value;
      *(Vector*)(out + j * Isa::kLanes) = value;
    }
  }
}

/// One block of WeightGradient: rows [k, k + Rows) of the weights, `Panels` panels from `panel`.
template <class Isa, int Rows, int Panels>
ENGINE_INLINE void weightGradientBlock(const WeightGradient& p, int k, int panel) {
  using Vector = typename Isa::Vector;
  constexpr int kPerPanel = kPanel / Isa::kLanes, kVectors = Panels * kPerPanel;
  const ptrdiff_t panelStride = p.panelStride;
  float* out = p.out + panel * panelStride + k * kPanel;
  const float* a = p.a + k;
  const float* delta = p.delta + panel * kPanel;

  Vector sum[Rows][kVectors];
  for (int i = 0; i < Rows; i++)
    for (int j = 0; j < kVectors; j++)
      sum[i][j] = p.accumulate ? *(const Vector*)(out + (j / kPerPanel) * panelStride + i * kPanel +
                                                  (j % kPerPanel) * Isa::kLanes)
                               : Vector{};
  for (int m = 0; m < p.rows; m++) {
    const float* x = a + p.aOffset[m];
    const float* d = delta + p.deltaOffset[m];
    Vector column[kVectors];
    for (int j = 0; j < kVectors; j++) column[j] = *(const Vector*)(d + j * Isa::kLanes);
    for (int i = 0; i < Rows; i++)
      for (int j = 0; j < kVectors; j++) sum[i][j] += column[j] * x[i];
  }
  for (int i = 0; i < Rows; i++)
    for (int j = 0; j < kVectors; j++)
      *(Vector*)(out + (j / kPerPanel) * panelStride + i * kPanel + (j % kPerPanel) * Isa::kLanes) =
          sum[i][j];
}

/// Picks at run time the block compiled for `rows` rows.
template <class Isa, int Rows, int Panels>
ENGINE_INLINE void block(const Product& p, int rows, int row, int panel) {
  if constexpr (Rows > 0) {
    if (rows == Rows) return productBlock<Isa, Rows, Panels>(p, row, panel);
    block<Isa, Rows - 1, Panels>(p, rows, row, panel);
  }
}
template <class Isa, int Rows, int Panels>
ENGINE_INLINE void block(const WeightGradient& p, int rows, int row, int panel) {
  if constexpr (Rows > 0) {
    if (rows == Rows) return weightGradientBlock<Isa, Rows, Panels>(p, row, panel);
    block<Isa, Rows - 1, Panels>(p, rows, row, panel);
  }
}

/// Covers total x panelCount by blocks of nearly equal height: 49 rows are 10+10+10+10+9, not 12*4+1.
template <class Isa, class Problem>
ENGINE_INLINE void cover(const Problem& p, int total) {
  const int blocks = (total + Isa::kRows - 1) / Isa::kRows;
  for (int panel = 0; panel < p.panelCount;) {
    const bool wide = p.panelCount - panel >= Isa::kPanels;
    for (int i = 0; i < blocks; i++) {
      const int row = (int)((int64_t)total * i / blocks);
      const int rows = (int)((int64_t)total * (i + 1) / blocks) - row;
      if (wide)
        block<Isa, Isa::kRows, Isa::kPanels>(p, rows, row, panel);
      else
        block<Isa, Isa::kRows, 1>(p, rows, row, panel);
    }
    panel += wide ? Isa::kPanels : 1;
  }
}

ENGINE_INLINE void adamLoop(const AdamStep& step, float gradientScale, const float* __restrict gradient,
                            float* __restrict weight, float* __restrict firstMoment,
                            float* __restrict secondMoment, size_t count) {
  const AdamStep s = step;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i] * gradientScale;
    const float m = s.beta1 * firstMoment[i] + s.oneMinusBeta1 * g;
    const float v = s.beta2 * secondMoment[i] + s.oneMinusBeta2 * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    weight[i] -= s.stepSize * m / (std::sqrt(v) * s.secondCorrection + s.epsilon);
  }
}

#define ENGINE_ENTRY_POINTS(Isa, ATTRIBUTE)                                                       \
  ATTRIBUTE void product##Isa(const Product& p) { cover<Isa>(p, p.rows); }                        \
  ATTRIBUTE void weightGradient##Isa(const WeightGradient& p) { cover<Isa>(p, p.length); }        \
  ATTRIBUTE void adam##Isa(const AdamStep& s, float scale, const float* g, float* w, float* m,    \
                           float* v, size_t n) {                                                  \
    adamLoop(s, scale, g, w, m, v, n);                                                            \
  }

#if defined(__x86_64__)
ENGINE_ENTRY_POINTS(Avx512, __attribute__((target("avx512f,fma"))))
ENGINE_ENTRY_POINTS(Avx2, __attribute__((target("avx2,fma"))))
const Kernels kAvx512 = {"avx512", productAvx512, weightGradientAvx512, adamAvx512};
const Kernels kAvx2 = {"avx2", productAvx2, weightGradientAvx2, adamAvx2};
#endif
ENGINE_ENTRY_POINTS(Baseline, )
const Kernels kBaseline = {"baseline", productBaseline, weightGradientBaseline, adamBaseline};

bool asked(const char* name, const Kernels& kernels) {
  return !name || std::strcmp(name, kernels.name) == 0;
}

}  // namespace

const Kernels* findKernels(const char* name) {
#if defined(__x86_64__)
  if (asked(name, kAvx512) && __builtin_cpu_supports("avx512f")) return &kAvx512;
  if (asked(name, kAvx2) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &kAvx2;
#endif
  return asked(name, kBaseline) ? &kBaseline : nullptr;
}

}  // namespace engine
