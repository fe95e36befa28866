// The layers of layers.h, forwards and backwards, as matrix products by the kernels and plain loops.
#include "layers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

// Plain loops, compiled once more for each newer instruction set; the loader picks one. What they call must
// be inlined, or it stays as it was. Measured (AVX2): layer normalization takes half the time.
#if defined(__x86_64__) && defined(__gnu_linux__)
#define ENGINE_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ENGINE_VECTORS
#endif

namespace engine {

size_t Layer::factorsSize() const {
  if (kind != Kind::layerNormalization) return (size_t)rows() * out.stride;
  return wholeImage ? in.size() : in.stride;
}

size_t Layer::addendsSize() const {
  return kind == Kind::layerNormalization ? factorsSize() : out.stride;
}

void Layer::prepare(int images) {
  inOffset.clear();
  outOffset.clear();
  for (ptrdiff_t image = 0; image < images; image++)
    for (int y = 0; y < out.height; y++)
      for (int x = 0; x < out.width; x++) {
        const int pixel = y * strideHeight * in.width + x * strideWidth;
        inOffset.push_back(image * in.size() + pixel * in.stride);
        outOffset.push_back(image * out.size() + (y * out.width + x) * out.stride);
      }
}

void Layer::prepareNorm() {
  real.resize(normSize());
  for (size_t i = 0; i < real.size(); i++) real[i] = (int)i % in.stride < in.channels;
}

namespace {

template <class T>
ENGINE_INLINE void loadPixels(const T* from, const Shape& shape, bool channelsFirst, float scale,
                              float* to) {
  const int pixels = shape.pixels(), channels = shape.channels;
  if (!channelsFirst) {
    for (int i = 0; i < pixels * channels; i++) to[i] = (float)from[i] * scale;
  } else if (channels == 4) {  // the usual stack of pictures; the constant makes it vector code
    for (int i = 0; i < pixels; i++)
      for (int c = 0; c < 4; c++) to[4 * i + c] = (float)from[c * pixels + i] * scale;
  } else {
    for (int c = 0; c < channels; c++)
      for (int i = 0; i < pixels; i++) to[i * channels + c] = (float)from[c * pixels + i] * scale;
  }
}

}  // namespace

ENGINE_VECTORS
void loadObservations(const Observations& from, const Shape& shape, float scale, float* to,
                      int first, int images) {
  const ptrdiff_t size = shape.size();
  for (int image = 0; image < images; image++, to += size) {
    const ptrdiff_t start = (first + image) * size;
    if (from.bytes)
      loadPixels((const uint8_t*)from.data + start, shape, from.channelsFirst, scale, to);
    else
      loadPixels((const float*)from.data + start, shape, from.channelsFirst, scale, to);
  }
}

void forwardProduct(const Kernels& kernels, const Layer& layer, const float* parameters,
                    const float* in, float* out, int images, int panel, int panelCount) {
  Product p;
  p.a = in;
  p.aOffset = layer.inOffset.data();
  p.rows = images * layer.out.pixels();
  p.segments = layer.segments();
  p.segmentStride = layer.segmentStride();
  p.length = layer.segmentLength();
  p.panels = parameters + layer.factors + panel * layer.panelStride();
  p.panelStride = layer.panelStride();
  p.panelCount = panelCount;
  p.out = out + panel * kPanel;
  p.outOffset = layer.outOffset.data();
  p.bias = parameters + layer.addends + panel * kPanel;
  p.relu = layer.relu;
  p.skipZeros = layer.readsPictures;
  kernels.product(p);
}

ENGINE_VECTORS
void kernelGradient(const Kernels& kernels, const Layer& layer, const float* in, const float* delta,
                    float* gradient, int images, int segment, int panel, int panelCount,
                    bool accumulate) {
  WeightGradient p;
  p.a = in + segment * layer.segmentStride();
  p.aOffset = layer.inOffset.data();
  p.delta = delta + panel * kPanel;
  p.deltaOffset = layer.outOffset.data();
  p.rows = images * layer.out.pixels();
  p.length = layer.segmentLength();
  std::vector<ptrdiff_t> aOffset, deltaOffset;
  if (layer.readsPictures) {  // black stretches add nothing: 45 % of those of Breakout
    for (int row = 0; row < p.rows; row++) {
      const float* a = p.a + p.aOffset[row];
      if (isZero(a, p.length)) continue;
      aOffset.push_back(p.aOffset[row]);
      deltaOffset.push_back(p.deltaOffset[row]);
    }
    p.aOffset = aOffset.data();
    p.deltaOffset = deltaOffset.data();
    p.rows = (int)aOffset.size();
  }
  p.out = gradient + layer.factors + panel * layer.panelStride() +
          (ptrdiff_t)segment * layer.segmentLength() * kPanel;
  p.panelStride = layer.panelStride();
  p.panelCount = panelCount;
  p.accumulate = accumulate;
  kernels.weightGradient(p);
}

ENGINE_VECTORS
void biasGradient(const Layer& layer, const float* delta, float* gradient, int images) {
  float* sum = gradient + layer.addends;
  const size_t size = layer.addendsSize(), rows = (size_t)images * layer.out.size() / size;
  std::fill(sum, sum + size, 0.f);
  for (size_t row = 0; row < rows; row++, delta += size)
    for (size_t i = 0; i < size; i++) sum[i] += delta[i];
}

void transposeTaps(const Layer& layer, const float* parameters, float* taps) {
  const float* kernel = parameters + layer.factors;
  const int in = layer.in.stride, out = layer.out.stride;
  for (int row = 0; row < layer.rows(); row++) {
    const int tap = row / in, channel = row % in;
    float* to = taps + ((ptrdiff_t)tap * in + channel / kPanel * kPanel) * out + channel % kPanel;
    for (int c = 0; c < out; c++)
      to[c * kPanel] = kernel[c / kPanel * layer.panelStride() + row * kPanel + c % kPanel];
  }
}

void convInputGradient(const Kernels& kernels, const Layer& layer, const float* taps,
                       const float* delta, float* inGradient, int images) {
  std::memset(inGradient, 0, sizeof(float) * images * layer.in.size());
  const int in = layer.in.stride, out = layer.out.stride;
  Product p;
  p.a = delta;
  p.aOffset = layer.outOffset.data();
  p.rows = layer.out.pixels();
  p.segments = 1;
  p.segmentStride = 0;
  p.length = out;
  p.panelStride = (ptrdiff_t)out * kPanel;
  p.panelCount = in / kPanel;
  p.outOffset = layer.inOffset.data();
  p.bias = nullptr;
  p.relu = false;
  p.skipZeros = false;
  // One image at a time, because its gradient then stays in the cache for all taps.
  for (int image = 0; image < images; image++) {
    p.a = delta + (ptrdiff_t)image * layer.out.size();
    float* to = inGradient + (ptrdiff_t)image * layer.in.size();
    for (int y = 0; y < layer.kernelHeight; y++)
      for (int x = 0; x < layer.kernelWidth; x++) {
        p.panels = taps + (ptrdiff_t)(y * layer.kernelWidth + x) * in * out;
        p.out = to + (y * layer.in.width + x) * in;
        kernels.product(p);
      }
  }
}

void denseInputGradient(const Kernels& kernels, const Layer& layer, const float* parameters,
                        const float* deltaPanels, float* inGradient, float* scratch, int images,
                        int begin, int end) {
  // The images are the columns here: scratch[input][image], from the weights as they lie.
  const int columns = roundUp(images);
  ptrdiff_t weightOffset[kDenseBlock], scratchOffset[kDenseBlock];
  for (int i = 0; i < kDenseBlock; i++) {
    weightOffset[i] = i * kPanel;
    scratchOffset[i] = i * columns;
  }
  const std::vector<float> zeros(columns);
  for (int row = begin; row < end; row += kDenseBlock) {
    const int rows = std::min(kDenseBlock, end - row);
    Product p;
    p.a = parameters + layer.factors + (ptrdiff_t)row * kPanel;
    p.aOffset = weightOffset;
    p.rows = rows;
    p.segments = layer.panels();
    p.segmentStride = layer.panelStride();
    p.length = kPanel;
    p.panels = deltaPanels;
    p.panelStride = (ptrdiff_t)layer.out.stride * kPanel;
    p.panelCount = columns / kPanel;
    p.out = scratch;
    p.outOffset = scratchOffset;
    p.bias = zeros.data();
    p.relu = false;
    p.skipZeros = false;
    kernels.product(p);
    for (int image = 0; image < images; image++) {
      float* to = inGradient + (ptrdiff_t)image * layer.in.size() + row;
      for (int i = 0; i < rows; i++) to[i] = scratch[i * columns + image];
    }
  }
}

namespace {

/// Sums in 16 interleaved parts, which compilers turn into vector code in a fixed order.
template <class Term>
ENGINE_INLINE double sumOf(int count, Term term) {
  float part[kPanel] = {};
  for (int i = 0; i < count; i += kPanel)
    for (int j = 0; j < kPanel; j++) part[j] += term(i + j);
  double sum = 0;
  for (float value : part) sum += value;
  return sum;
}

}  // namespace

ENGINE_VECTORS
void forwardNorm(const Layer& layer, const float* parameters, const float* in, float* out,
                 float* moments, int images) {
  const int size = layer.normSize(), rows = images * layer.normRows();
  const int terms = size / layer.in.stride * layer.in.channels;
  const float* __restrict gamma = parameters + layer.factors;
  const float* __restrict beta = parameters + layer.addends;
  const float* __restrict real = layer.real.data();
  const float floor = layer.relu ? 0 : -INFINITY;
  for (int row = 0; row < rows; row++, in += size, out += size, moments += 2) {
    const float* __restrict x = in;
    float* __restrict y = out;
    const float mean = (float)(sumOf(size, [&](int i) { return x[i]; }) / terms);
    // The extra channels stay out: subtracting their share afterwards would cancel for a large mean.
    const double squares = sumOf(size, [&](int i) {
      const float difference = x[i] - mean * real[i];
      return difference * difference;
    });
    const float scale = (float)(1 / std::sqrt(squares / terms + layer.epsilon));
    moments[0] = mean;
    moments[1] = scale;
    for (int i = 0; i < size; i++) {
      const float value = (x[i] - mean) * scale * gamma[i] + beta[i];
      y[i] = value <= floor ? floor : value;
    }
  }
}

ENGINE_VECTORS
void normInputGradient(const Layer& layer, const float* parameters, const float* in,
                       const float* moments, const float* delta, float* inGradient, int images) {
  const int size = layer.normSize(), rows = images * layer.normRows();
  const int terms = size / layer.in.stride * layer.in.channels;
  const float* __restrict gamma = parameters + layer.factors;
  const float* __restrict real = layer.real.data();
  for (int row = 0; row < rows; row++, in += size, delta += size, inGradient += size, moments += 2) {
    const float* __restrict x = in;
    const float* __restrict d = delta;
    float* __restrict to = inGradient;
    const float mean = moments[0], scale = moments[1];
    const float meanOfGradient = (float)(sumOf(size, [&](int i) { return d[i] * gamma[i]; }) / terms);
    const float slope = (float)(sumOf(size, [&](int i) {
                                  return d[i] * gamma[i] * (x[i] - mean) * scale;
                                }) / terms);
    for (int i = 0; i < size; i++)
      to[i] = real[i] * scale * (d[i] * gamma[i] - meanOfGradient - (x[i] - mean) * scale * slope);
  }
}

ENGINE_VECTORS
void gammaGradient(const Layer& layer, const float* in, const float* moments, const float* delta,
                   float* gradient, int images) {
  const int size = layer.normSize(), rows = images * layer.normRows();
  float* __restrict gamma = gradient + layer.factors;
  std::fill(gamma, gamma + size, 0.f);
  for (int row = 0; row < rows; row++, in += size, delta += size, moments += 2) {
    const float* __restrict x = in;
    const float* __restrict d = delta;
    const float mean = moments[0], scale = moments[1];
    for (int i = 0; i < size; i++) gamma[i] += d[i] * (x[i] - mean) * scale;
  }
}

ENGINE_VECTORS
void maskByRelu(const float* output, float* gradient, size_t count) {
  for (size_t i = 0; i < count; i++) gradient[i] = output[i] <= 0 ? 0 : gradient[i];
}

}  // namespace engine
