// The layers of layers.h, forwards and backwards, as matrix products by the kernels and plain loops.
#include "layers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

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

namespace {

template <class T>
void loadPixels(const T* from, const Shape& shape, bool channelsFirst, float scale, float* to) {
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
  kernels.product(p);
}

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
  p.out = gradient + layer.factors + panel * layer.panelStride() +
          (ptrdiff_t)segment * layer.segmentLength() * kPanel;
  p.panelStride = layer.panelStride();
  p.panelCount = panelCount;
  p.accumulate = accumulate;
  kernels.weightGradient(p);
}

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
inline double sumOf(int count, Term term) {
  float part[kPanel] = {};
  for (int i = 0; i < count; i += kPanel)
    for (int j = 0; j < kPanel; j++) part[j] += term(i + j);
  double sum = 0;
  for (float value : part) sum += value;
  return sum;
}

struct NormRow {
  int size;       // floats, the extra channels included
  int terms;      // true terms of the mean
  float* of(float* base, ptrdiff_t row) const { return base + row * size; }
  const float* of(const float* base, ptrdiff_t row) const { return base + row * size; }
};

NormRow normRow(const Layer& layer) {
  const int pixels = layer.wholeImage ? layer.in.pixels() : 1;
  return {pixels * layer.in.stride, pixels * layer.in.channels};
}

/// 1 for every true term of a row, 0 for the extra channels.
std::vector<float> realChannels(const Layer& layer, int size) {
  std::vector<float> real(size);
  for (int i = 0; i < size; i++) real[i] = i % layer.in.stride < layer.in.channels;
  return real;
}

}  // namespace

void forwardNorm(const Layer& layer, const float* parameters, const float* in, float* out,
                 float* moments, int images) {
  const NormRow shape = normRow(layer);
  const float* gamma = parameters + layer.factors;
  const float* beta = parameters + layer.addends;
  const std::vector<float> isReal = realChannels(layer, shape.size);
  const float* real = isReal.data();
  for (ptrdiff_t row = 0; row < (ptrdiff_t)images * layer.normRows(); row++) {
    const float* x = shape.of(in, row);
    float* y = shape.of(out, row);
    const float mean = (float)(sumOf(shape.size, [&](int i) { return x[i]; }) / shape.terms);
    // The extra channels stay out: subtracting their share afterwards would cancel for a large mean.
    const double squares = sumOf(shape.size, [&](int i) {
      const float difference = x[i] - mean * real[i];
      return difference * difference;
    });
    const float scale = (float)(1 / std::sqrt(squares / shape.terms + layer.epsilon));
    moments[2 * row] = mean;
    moments[2 * row + 1] = scale;
    for (int i = 0; i < shape.size; i++) {
      const float value = (x[i] - mean) * scale * gamma[i] + beta[i];
      y[i] = layer.relu && value <= 0 ? 0 : value;
    }
  }
}

void normInputGradient(const Layer& layer, const float* parameters, const float* in,
                       const float* moments, const float* delta, float* inGradient, int images) {
  const NormRow shape = normRow(layer);
  const float* gamma = parameters + layer.factors;
  for (ptrdiff_t row = 0; row < (ptrdiff_t)images * layer.normRows(); row++) {
    const float* x = shape.of(in, row);
    const float* d = shape.of(delta, row);
    float* to = shape.of(inGradient, row);
    const float mean = moments[2 * row], scale = moments[2 * row + 1];
    const float meanOfGradient =
        (float)(sumOf(shape.size, [&](int i) { return d[i] * gamma[i]; }) / shape.terms);
    const float slope = (float)(sumOf(shape.size, [&](int i) {
                                  return d[i] * gamma[i] * (x[i] - mean) * scale;
                                }) / shape.terms);
    for (int i = 0; i < shape.size; i++) {
      const bool real = i % layer.in.stride < layer.in.channels;
      to[i] = real ? scale * (d[i] * gamma[i] - meanOfGradient - (x[i] - mean) * scale * slope) : 0;
    }
  }
}

void gammaGradient(const Layer& layer, const float* in, const float* moments, const float* delta,
                   float* gradient, int images) {
  const NormRow shape = normRow(layer);
  float* gamma = gradient + layer.factors;
  std::fill(gamma, gamma + shape.size, 0.f);
  for (ptrdiff_t row = 0; row < (ptrdiff_t)images * layer.normRows(); row++) {
    const float* x = shape.of(in, row);
    const float* d = shape.of(delta, row);
    const float mean = moments[2 * row], scale = moments[2 * row + 1];
    for (int i = 0; i < shape.size; i++) gamma[i] += d[i] * (x[i] - mean) * scale;
  }
}

void maskByRelu(const float* output, float* gradient, size_t count) {
  for (size_t i = 0; i < count; i++) gradient[i] = output[i] <= 0 ? 0 : gradient[i];
}

}  // namespace engine
