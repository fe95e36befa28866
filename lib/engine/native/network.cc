// The network of network.h: it plans the work of a training step and shares it out to the threads.
#include "network.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace engine {
namespace {

// Images that one task takes: their activations stay in a core's cache.
constexpr int kChunk = 4;
// Panels of a dense layer per task, and inputs per task of its input gradient.
constexpr int kTaskPanels = 2, kTaskRows = 4 * kDenseBlock;
constexpr size_t kUpdateRange = 1 << 16;
// Below so many multiply-adds, waking other threads costs more than it saves.
constexpr double kSmallWork = 5e5;

double workOf(const Layer& layer, int images) {
  const double terms = layer.kind == Kind::layerNormalization ? 10 : layer.rows();
  return terms * layer.out.size() * images;
}

/// Sums squares in blocks of floats: one long float sum would lose digits, and a double one is slow.
double squaresOf(const float* values, size_t count) {
  double sum = 0;
  for (size_t begin = 0; begin < count; begin += 4096) {
    const size_t end = std::min(count, begin + 4096);
    float part[kPanel] = {};
    for (size_t i = begin; i < end; i += kPanel)
      for (int j = 0; j < kPanel; j++) part[j] += values[i + j] * values[i + j];
    for (float value : part) sum += value;
  }
  return sum;
}

}  // namespace

void Buffer::reserve(size_t count) {
  if (count <= size_ && memory_) return;
  const size_t bytes = (count * sizeof(float) + 63) / 64 * 64 + 64;
  void* memory = nullptr;
  if (posix_memalign(&memory, 64, bytes)) throw std::bad_alloc();
  std::memset(memory, 0, bytes);
  memory_.reset(static_cast<float*>(memory));
  size_ = count;
}

Network::Network(std::vector<Layer> layers, float scale, int threads, const Kernels& kernels)
    : layers_(std::move(layers)), scale_(scale), kernels_(kernels), pool_(threads) {
  while (imageLayers_ < (int)layers_.size() && layers_[imageLayers_].kind != Kind::dense)
    imageLayers_++;
  layers_.front().readsPictures = layers_.front().kind == Kind::conv2d;
  for (Layer& layer : layers_) {
    layer.factors = parameterCount_;
    layer.addends = parameterCount_ + layer.factorsSize();
    parameterCount_ = layer.addends + layer.addendsSize();
    const Shape& in = layer.in;
    if (layer.kind == Kind::layerNormalization) {
      const int groups = layer.wholeImage ? in.pixels() : 1;
      addVariable(layer.factors, layer.factorsSize(), groups, in.channels, in.stride, 0);
      addVariable(layer.addends, layer.addendsSize(), groups, in.channels, in.stride, 0);
    } else {
      addVariable(layer.factors, layer.factorsSize(), layer.kernelHeight * layer.kernelWidth,
                  in.channels, in.stride, layer.out.channels);
      if (layer.hasBias)
        addVariable(layer.addends, layer.addendsSize(), 1, layer.out.channels, layer.out.stride, 0);
    }
    if (layer.kind == Kind::conv2d) layer.prepare(kChunk);
    if (layer.kind == Kind::layerNormalization) layer.prepareNorm();
  }
  for (Buffer& set : sets_) set.reserve(parameterCount_);
  planGradientTasks();
  deltas_.resize(layers_.size());
  taps_.resize(layers_.size());
  scratch_.resize(pool_.threads());
  denseScratch_.resize(pool_.threads());
  for (Workspace& scratch : scratch_) reserve(scratch, 0, kChunk);
}

void Network::addVariable(size_t offset, size_t paddedSize, int groups, int channels, int stride,
                          int columns) {
  const int index = (int)variables_.size();
  variables_.push_back({offset, paddedSize, groups, channels, stride, columns});
  for (size_t begin = 0; begin < paddedSize; begin += kUpdateRange)
    updateTasks_.push_back(
        {index, offset + begin, offset + std::min(paddedSize, begin + kUpdateRange)});
}

void Network::planGradientTasks() {
  int variable = 0;
  for (int i = 0; i < (int)layers_.size(); i++) {
    const Layer& layer = layers_[i];
    if (layer.kind == Kind::conv2d)
      for (int segment = 0; segment < layer.segments(); segment++)
        gradientTasks_.push_back({i, variable, false, segment, 0, layer.panels()});
    else if (layer.kind == Kind::dense)
      for (int panel = 0; panel < layer.panels(); panel += kTaskPanels)
        gradientTasks_.push_back(
            {i, variable, false, 0, panel, std::min(kTaskPanels, layer.panels() - panel)});
    else
      gradientTasks_.push_back({i, variable, false, 0, 0, 0});
    variable++;
    if (layer.hasBias) gradientTasks_.push_back({i, variable++, true, 0, 0, 0});
  }
}

void Network::reserve(Workspace& space, int firstLayer, int images) {
  space.outputs.resize(layers_.size());
  space.moments.resize(layers_.size());
  if (firstLayer == 0) space.input.reserve((size_t)images * inputShape().size());
  for (int i = firstLayer; i < (int)layers_.size(); i++) {
    const Layer& layer = layers_[i];
    space.outputs[i].reserve((size_t)images * layer.out.size());
    if (layer.kind == Kind::layerNormalization)
      space.moments[i].reserve((size_t)images * layer.normRows() * 2);
  }
}

void Network::prepareDense(int images) {
  if (images <= denseImages_) return;
  for (Layer& layer : layers_)
    if (layer.kind == Kind::dense) layer.prepare(images);
  denseImages_ = images;
}

void Network::share(int count, double work, const Pool::Task& task) {
  if (work >= kSmallWork) return pool_.run(count, task);
  for (int i = 0; i < count; i++) task(i, 0);
}

/// Work of the layers before the first dense one, reading the observations included.
double Network::imageWork(int images) const {
  double work = (double)images * inputShape().size();
  for (int i = 0; i < imageLayers_; i++) work += workOf(layers_[i], images);
  return work;
}

int Network::chunkFor(int images) const {
  return std::max(1, std::min(kChunk, images / pool_.threads()));
}

Network::Workspace& Network::workspace(const std::vector<Pass>& passes, size_t pass) {
  return passes[pass].keep ? kept_ : others_[pass];
}

void Network::forward(const std::vector<Pass>& passes) {
  struct Chunk {
    size_t pass;
    int first, images;
  };
  std::vector<Chunk> chunks;
  if (others_.size() < passes.size()) others_.resize(passes.size());
  for (size_t i = 0; i < passes.size(); i++) {
    const int count = passes[i].count, chunk = chunkFor(count);
    prepareDense(count);
    if (passes[i].keep) keptImages_ = count;
    // A pass that is not kept stores nothing but the last image layer's output and what follows.
    reserve(workspace(passes, i), passes[i].keep ? 0 : std::max(0, imageLayers_ - 1), count);
    for (int first = 0; first < count; first += chunk)
      chunks.push_back({i, first, std::min(chunk, count - first)});
  }
  double work = 0;
  for (const Pass& pass : passes) work += imageWork(pass.count);
  share((int)chunks.size(), work, [&](int task, int worker) {
    const Chunk& c = chunks[task];
    forwardImages(passes[c.pass], workspace(passes, c.pass), scratch_[worker], c.first, c.images);
  });
  for (int layer = imageLayers_; layer < (int)layers_.size(); layer++) forwardRows(passes, layer);

  const Shape& shape = outputShape();
  for (size_t i = 0; i < passes.size(); i++) {
    const float* from = workspace(passes, i).outputs.back().data();
    float* to = passes[i].output;
    for (int pixel = 0; pixel < passes[i].count * shape.pixels(); pixel++, from += shape.stride)
      to = std::copy(from, from + shape.channels, to);
  }
}

void Network::forwardImages(const Pass& pass, Workspace& own, Workspace& scratch, int first,
                            int images) {
  const float* parameters = sets_[pass.weights].data();
  const bool inputIsLast = imageLayers_ == 0;
  float* in = pass.keep || inputIsLast ? own.input.data() + (size_t)first * inputShape().size()
                                       : scratch.input.data();
  loadObservations(pass.observations, inputShape(), scale_, in, first, images);
  for (int i = 0; i < imageLayers_; i++) {
    const Layer& layer = layers_[i];
    const bool stays = pass.keep || i == imageLayers_ - 1;
    float* out = stays ? own.outputs[i].data() + (size_t)first * layer.out.size()
                       : scratch.outputs[i].data();
    if (layer.kind == Kind::conv2d) {
      forwardProduct(kernels_, layer, parameters, in, out, images, 0, layer.panels());
    } else {
      float* moments = stays ? own.moments[i].data() + (size_t)first * layer.normRows() * 2
                             : scratch.moments[i].data();
      forwardNorm(layer, parameters, in, out, moments, images);
    }
    in = out;
  }
}

void Network::forwardRows(const std::vector<Pass>& passes, int index) {
  const Layer& layer = layers_[index];
  const bool dense = layer.kind == Kind::dense;
  const int groups = dense ? (layer.panels() + kTaskPanels - 1) / kTaskPanels : 1;
  double work = 0;
  for (const Pass& pass : passes) work += workOf(layer, pass.count);
  const auto task = [&](int number, int) {
    const Pass& pass = passes[number / groups];
    Workspace& space = workspace(passes, number / groups);
    const float* parameters = sets_[pass.weights].data();
    const float* in = index ? space.outputs[index - 1].data() : space.input.data();
    float* out = space.outputs[index].data();
    const int panel = number % groups * kTaskPanels;
    if (dense)
      forwardProduct(kernels_, layer, parameters, in, out, pass.count, panel,
                     std::min(kTaskPanels, layer.panels() - panel));
    else
      forwardNorm(layer, parameters, in, out, space.moments[index].data(), pass.count);
  };
  share((int)passes.size() * groups, work, task);
}

void Network::backward(const float* outputGradient, double* squares) {
  const int last = (int)layers_.size() - 1, images = keptImages_;
  const Shape& shape = outputShape();
  for (int i = 0; i <= last; i++) deltas_[i].reserve((size_t)images * layers_[i].out.size());
  float* delta = deltas_[last].data();
  for (int pixel = 0; pixel < images * shape.pixels(); pixel++, delta += shape.stride)
    std::copy(outputGradient + pixel * shape.channels, outputGradient + (pixel + 1) * shape.channels,
              delta);
  if (layers_[last].relu)
    maskByRelu(kept_.outputs[last].data(), deltas_[last].data(), (size_t)images * shape.size());

  for (int i = last; i >= std::max(imageLayers_, 1); i--) backwardDense(i);
  if (imageLayers_ > 1) {
    for (int i = 1; i < imageLayers_; i++) {
      if (layers_[i].kind != Kind::conv2d) continue;
      taps_[i].reserve(layers_[i].factorsSize());
      transposeTaps(layers_[i], sets_[online].data(), taps_[i].data());
    }
    const int chunk = chunkFor(images);
    share((images + chunk - 1) / chunk, imageWork(images), [&](int task, int) {
      backwardImages(task * chunk, std::min(chunk, images - task * chunk));
    });
  }

  double work = 0;
  for (const Layer& layer : layers_) work += workOf(layer, images);
  std::vector<double> parts(gradientTasks_.size());
  share((int)gradientTasks_.size(), work, [&](int task, int) {
    computeGradient(gradientTasks_[task]);
    parts[task] = sumOfSquares(gradientTasks_[task]);
  });
  std::fill(squares, squares + variables_.size(), 0.);
  for (size_t i = 0; i < parts.size(); i++) squares[gradientTasks_[i].variable] += parts[i];
}

void Network::backwardDense(int index) {
  const Layer& layer = layers_[index];
  const Layer& below = layers_[index - 1];
  const int images = keptImages_, size = below.out.size();
  const float* delta = deltas_[index].data();
  const float* in = kept_.outputs[index - 1].data();
  float* to = deltas_[index - 1].data();
  if (layer.kind == Kind::layerNormalization) {
    normInputGradient(layer, sets_[online].data(), in, kept_.moments[index].data(), delta, to, images);
    if (below.relu) maskByRelu(in, to, (size_t)images * size);
    return;
  }
  const int units = layer.out.stride, columns = roundUp(images);
  deltaPanels_.reserve((size_t)units * columns);
  float* panels = deltaPanels_.data();
  std::fill(panels, panels + (size_t)units * columns, 0.f);
  for (int image = 0; image < images; image++)
    for (int unit = 0; unit < units; unit++)
      panels[((size_t)(image / kPanel) * units + unit) * kPanel + image % kPanel] =
          delta[(size_t)image * units + unit];
  for (Buffer& scratch : denseScratch_) scratch.reserve((size_t)kDenseBlock * columns);
  share((size + kTaskRows - 1) / kTaskRows, workOf(layer, images), [&](int task, int worker) {
    const int begin = task * kTaskRows, end = std::min(size, begin + kTaskRows);
    denseInputGradient(kernels_, layer, sets_[online].data(), panels, to,
                       denseScratch_[worker].data(), images, begin, end);
    if (!below.relu) return;
    for (int image = 0; image < images; image++)
      maskByRelu(in + (size_t)image * size + begin, to + (size_t)image * size + begin, end - begin);
  });
}

void Network::backwardImages(int first, int images) {
  for (int i = imageLayers_ - 1; i > 0; i--) {
    const Layer& layer = layers_[i];
    const Layer& below = layers_[i - 1];
    const float* delta = deltas_[i].data() + (size_t)first * layer.out.size();
    const float* in = kept_.outputs[i - 1].data() + (size_t)first * layer.in.size();
    float* to = deltas_[i - 1].data() + (size_t)first * layer.in.size();
    if (layer.kind == Kind::conv2d)
      convInputGradient(kernels_, layer, taps_[i].data(), delta, to, images);
    else
      normInputGradient(layer, sets_[online].data(), in,
                        kept_.moments[i].data() + (size_t)first * layer.normRows() * 2, delta, to,
                        images);
    if (below.relu) maskByRelu(in, to, (size_t)images * layer.in.size());
  }
}

void Network::computeGradient(const GradientTask& task) {
  const Layer& layer = layers_[task.layer];
  const float* in = task.layer ? kept_.outputs[task.layer - 1].data() : kept_.input.data();
  const float* delta = deltas_[task.layer].data();
  float* to = sets_[gradient].data();
  if (task.addends) return biasGradient(layer, delta, to, keptImages_);
  if (layer.kind == Kind::layerNormalization)
    return gammaGradient(layer, in, kept_.moments[task.layer].data(), delta, to, keptImages_);
  const int chunk = layer.kind == Kind::dense ? keptImages_ : kChunk;
  for (int first = 0; first < keptImages_; first += chunk)
    kernelGradient(kernels_, layer, in + (size_t)first * layer.in.size(),
                   delta + (size_t)first * layer.out.size(), to, std::min(chunk, keptImages_ - first),
                   task.segment, task.panel, task.panelCount, first > 0);
}

double Network::sumOfSquares(const GradientTask& task) const {
  const Layer& layer = layers_[task.layer];
  const float* values = sets_[gradient].data();
  if (task.addends) return squaresOf(values + layer.addends, layer.addendsSize());
  if (layer.kind == Kind::layerNormalization)
    return squaresOf(values + layer.factors, layer.factorsSize());
  const size_t size = (size_t)layer.segmentLength() * kPanel;
  double sum = 0;
  for (int panel = task.panel; panel < task.panel + task.panelCount; panel++)
    sum += squaresOf(
        values + layer.factors + panel * layer.panelStride() + task.segment * size, size);
  return sum;
}

void Network::update(const AdamStep& step, const float* scales) {
  share((int)updateTasks_.size(), (double)parameterCount_ * 10, [&](int task, int) {
    const Range& range = updateTasks_[task];
    kernels_.adam(step, scales[range.variable], sets_[gradient].data() + range.begin,
                  sets_[online].data() + range.begin, sets_[firstMoment].data() + range.begin,
                  sets_[secondMoment].data() + range.begin, range.end - range.begin);
  });
}

namespace {

size_t bytesOf(const std::vector<Buffer>& buffers) {
  size_t sum = 0;
  for (const Buffer& buffer : buffers) sum += buffer.bytes();
  return sum;
}

}  // namespace

size_t Network::Workspace::bytes() const {
  return input.bytes() + bytesOf(outputs) + bytesOf(moments);
}

size_t Network::bytes() const {
  size_t sum = kept_.bytes() + deltaPanels_.bytes();
  for (const Buffer& set : sets_) sum += set.bytes();
  for (const auto* buffers : {&deltas_, &taps_, &denseScratch_}) sum += bytesOf(*buffers);
  for (const auto* spaces : {&others_, &scratch_})
    for (const Workspace& space : *spaces) sum += space.bytes();
  return sum;
}

void Network::sync() {
  std::memcpy(sets_[target].data(), sets_[online].data(), parameterCount_ * sizeof(float));
}

namespace {

/// Calls visit(position in the padded vector, position in the plain array) for every element.
template <class Visit>
void visitElements(const Variable& v, Visit visit) {
  size_t plain = 0;
  const size_t panelStride = (size_t)v.groups * v.channelStride * kPanel;
  for (int group = 0; group < v.groups; group++)
    for (int channel = 0; channel < v.channels; channel++) {
      const size_t row = (size_t)group * v.channelStride + channel;
      if (!v.columns) visit(v.offset + row, plain++);
      for (int column = 0; column < v.columns; column++)
        visit(v.offset + column / kPanel * panelStride + row * kPanel + column % kPanel, plain++);
    }
}

}  // namespace

void Network::read(Set set, int variable, float* to) const {
  const float* from = sets_[set].data();
  visitElements(variables_[variable], [&](size_t padded, size_t plain) { to[plain] = from[padded]; });
}

void Network::write(Set set, int variable, const float* from) {
  float* to = sets_[set].data();
  visitElements(variables_[variable], [&](size_t padded, size_t plain) { to[padded] = from[plain]; });
}

}  // namespace engine
