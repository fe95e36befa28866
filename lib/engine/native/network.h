// A network compiled for training: preallocated buffers and the order of the work.
#pragma once
#include <cstdlib>
#include <memory>
#include <vector>

#include "kernels.h"
#include "layers.h"
#include "pool.h"

namespace engine {

/// Floats at a multiple of 64 bytes (a vector load never crosses a cache line), zero at first.
class Buffer {
 public:
  /// Grows to at least `count` floats; growing loses what was there.
  void reserve(size_t count);
  float* data() { return memory_.get(); }
  const float* data() const { return memory_.get(); }
  size_t bytes() const { return size_ * sizeof(float); }

 private:
  struct Free {
    void operator()(float* memory) const { std::free(memory); }
  };
  std::unique_ptr<float, Free> memory_;
  size_t size_ = 0;
};

/// A trainable array inside the vector of parameters, and its shape without the extra channels:
/// [groups, channels, columns], columns 0 for vectors.
struct Variable {
  size_t offset, paddedSize;
  int groups, channels, channelStride, columns;
};

/// The vectors of parameters: two sets of weights, and what training keeps for the online ones.
enum Set { online, target, gradient, firstMoment, secondMoment, kSets };

struct Pass {
  Set weights;
  Observations observations;
  int count;
  float* output;  // [count, output]
  bool keep;      // remember what backward() needs; at most one pass of a call
};

class Network {
 public:
  /// `layers` need kind, in, out and what their kind uses; everything else is worked out here.
  Network(std::vector<Layer> layers, float scale, int threads, const Kernels& kernels);

  /// Runs all passes together, so that their tasks fill the threads.
  void forward(const std::vector<Pass>& passes);

  /// Gradient of every variable from dLoss / dOutput [kept count, output].
  /// squares[i] becomes the sum of squares of variable i's gradient.
  void backward(const float* outputGradient, double* squares);

  /// One step of Adam; gradient i is multiplied by scales[i] first.
  void update(const AdamStep& step, const float* scales);

  /// Copies online weights to the target network.
  void sync();

  /// The number of threads at work: fewer than asked for where the system gives no more.
  int threads() const { return pool_.threads(); }

  /// Memory of all buffers, which grow with the batches.
  size_t bytes() const;

  void read(Set set, int variable, float* to) const;
  void write(Set set, int variable, const float* from);

 private:
  /// One task of the last stage of backward(): part of one variable's gradient.
  struct GradientTask {
    int layer, variable;
    bool addends;                    // bias or beta
    int segment, panel, panelCount;  // of a kernel
  };
  struct Range {
    int variable;
    size_t begin, end;
  };
  /// What one pass computes: [images, ...] after every layer.
  struct Workspace {
    Buffer input;
    std::vector<Buffer> outputs, moments;
    size_t bytes() const;
  };

  const Shape& inputShape() const { return layers_.front().in; }
  const Shape& outputShape() const { return layers_.back().out; }
  double imageWork(int images) const;
  int chunkFor(int images) const;
  void addVariable(size_t offset, size_t paddedSize, int groups, int channels, int stride, int columns);
  void planGradientTasks();
  void reserve(Workspace&, int firstLayer, int images);
  void prepareDense(int images);
  void forwardImages(const Pass&, Workspace& own, Workspace& scratch, int first, int images);
  void forwardRows(const std::vector<Pass>&, int layer);
  void backwardDense(int layer);
  void backwardImages(int first, int images);
  void computeGradient(const GradientTask&);
  double sumOfSquares(const GradientTask&) const;
  void share(int count, double work, const Pool::Task&);
  Workspace& workspace(const std::vector<Pass>&, size_t pass);

  std::vector<Layer> layers_;
  int imageLayers_ = 0;  // layers before the first dense one: each image goes through them alone
  float scale_;
  const Kernels& kernels_;
  Pool pool_;

  size_t parameterCount_ = 0;
  Buffer sets_[kSets];
  std::vector<Variable> variables_;
  std::vector<GradientTask> gradientTasks_;
  std::vector<Range> updateTasks_;

  Workspace kept_;
  std::vector<Workspace> others_;   // of passes that are not kept
  std::vector<Workspace> scratch_;  // per worker
  int keptImages_ = 0;
  int denseImages_ = 0;  // the dense layers' offsets are prepared for so many
  std::vector<Buffer> deltas_, taps_, denseScratch_;
  Buffer deltaPanels_;
};

}  // namespace engine
