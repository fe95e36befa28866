// A few threads that share out numbered tasks and sleep when there are none.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace engine {

/// Runs tasks 0 ... count - 1 on `threads` threads, the caller's included.
///
/// Whoever is free takes the next task, so a core that another process keeps busy takes fewer, and
/// waiting threads sleep instead of spinning. Tasks must not depend on each other nor on the worker
/// that runs them: then results are the same whatever the number of threads.
class Pool {
 public:
  using Task = std::function<void(int task, int worker)>;

  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return (int)helpers_.size() + 1; }

  /// Returns when every task is done. `worker` is in [0, threads()): an index for scratch memory.
  void run(int count, const Task& task);

 private:
  void help(int worker);
  void takeTasks(const Task& task, int count, int worker);

  std::vector<std::thread> helpers_;
  std::mutex mutex_;
  std::condition_variable opened_, finished_;
  const Task* task_ = nullptr;  // nullptr: nothing to join
  int count_ = 0;
  int round_ = 0;
  int busy_ = 0;  // helpers inside the current round
  bool stopping_ = false;
  std::atomic<int> next_{0};
};

}  // namespace engine
