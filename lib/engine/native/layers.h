// What the layers compute, for a few images at a time; network.cc shares them out to threads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels.h"

namespace engine {

inline int roundUp(int count) { return (count + kPanel - 1) / kPanel * kPanel; }

/// An image [height, width, channels] whose pixels are `stride` floats apart.
///
/// Layers round the channels they put out up to a multiple of 16. The extra channels have zero
/// weights, zero outputs and zero gradients for ever, so no loop needs a special case for the rest.
struct Shape {
  int height = 1, width = 1, channels = 0, stride = 0;
  int pixels() const { return height * width; }
  int size() const { return pixels() * stride; }
};

enum class Kind { conv2d, dense, layerNormalization };

/// One layer as compiled. A dense layer is a convolution whose kernel covers the whole image.
struct Layer {
  Kind kind;
  Shape in, out;
  bool relu = false;
  bool hasBias = true;
  bool readsPictures = false;  // its input is the observation: whole stretches of it are black
  int kernelHeight = 1, kernelWidth = 1, strideHeight = 1, strideWidth = 1;
  bool wholeImage = false;  // layerNormalization over all axes, not only over the channels
  float epsilon = 0;        // layerNormalization

  // Positions in the vector of parameters: what inputs are multiplied with (kernel or gamma), and what
  // is then added (bias or beta).
  size_t factors = 0, addends = 0;

  // Where patches and output pixels of a few images begin, in floats.
  std::vector<ptrdiff_t> inOffset, outOffset;

  // layerNormalization: 1 for every true term of a row, 0 for the extra channels.
  std::vector<float> real;

  int rows() const { return kernelHeight * kernelWidth * in.stride; }
  int panels() const { return out.stride / kPanel; }
  ptrdiff_t panelStride() const { return (ptrdiff_t)rows() * kPanel; }
  size_t factorsSize() const;
  size_t addendsSize() const;
  int segments() const { return kind == Kind::dense ? 1 : kernelHeight; }
  int segmentLength() const { return rows() / segments(); }
  ptrdiff_t segmentStride() const { return (ptrdiff_t)in.width * in.stride; }
  int normRows() const { return wholeImage ? 1 : in.pixels(); }  // layerNormalization, per image
  int normSize() const { return in.size() / normRows(); }       // floats of such a row

  /// Fills the offsets for `images` images.
  void prepare(int images);
  /// Fills `real`.
  void prepareNorm();
};

/// Observations as the first layer takes them: [images, height, width, channels] floats, scaled.
struct Observations {
  const void* data;
  bool bytes;          // uint8, otherwise float32
  bool channelsFirst;  // [images, channels, height, width], otherwise channels last
};
void loadObservations(const Observations&, const Shape&, float scale, float* to, int first,
                      int images);

/// out = relu?(patches(in) * kernel + bias) for panels [panel, panel + panelCount).
void forwardProduct(const Kernels&, const Layer&, const float* parameters, const float* in,
                    float* out, int images, int panel, int panelCount);

/// gradient with respect to the kernel's rows of one segment, summed over `images` images.
void kernelGradient(const Kernels&, const Layer&, const float* in, const float* delta, float* gradient,
                    int images, int segment, int panel, int panelCount, bool accumulate);

/// gradient with respect to the bias or to beta: the sum of delta over pixels and images.
void biasGradient(const Layer&, const float* delta, float* gradient, int images);

/// Kernel of a convolution as [tap][panel of input channels][output channel][16], for inputGradient.
void transposeTaps(const Layer&, const float* parameters, float* taps);

/// conv2d: gradient with respect to the input, every tap's share added where it was read.
void convInputGradient(const Kernels&, const Layer&, const float* taps, const float* delta,
                       float* inGradient, int images);

/// dense: the same, for inputs [begin, end) of all `images`, with delta as [panel of images][unit][16].
/// `scratch` holds kDenseBlock * roundUp(images) floats.
constexpr int kDenseBlock = 96;
void denseInputGradient(const Kernels&, const Layer&, const float* parameters,
                        const float* deltaPanels, float* inGradient, float* scratch, int images,
                        int begin, int end);

/// moments: mean and 1 / standard deviation of each of images * normRows() rows.
void forwardNorm(const Layer&, const float* parameters, const float* in, float* out, float* moments,
                 int images);
void normInputGradient(const Layer&, const float* parameters, const float* in, const float* moments,
                       const float* delta, float* inGradient, int images);
void gammaGradient(const Layer&, const float* in, const float* moments, const float* delta,
                   float* gradient, int images);

/// gradient = 0 where the relu that made `output` was off.
void maskByRelu(const float* output, float* gradient, size_t count);

}  // namespace engine
