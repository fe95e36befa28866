// The threads of pool.h: they wait for a round of tasks, and take the next one until none is left.
#include "pool.h"

#include <system_error>

namespace engine {

Pool::Pool(int threads) {
  try {
    for (int worker = 1; worker < threads; worker++)
      helpers_.emplace_back([this, worker] { help(worker); });
  } catch (const std::system_error&) {
    // The system gives no more threads: the same results with fewer.
  }
}

Pool::~Pool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  opened_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Pool::takeTasks(const Task& task, int count, int worker) {
  for (int i = next_.fetch_add(1); i < count; i = next_.fetch_add(1)) task(i, worker);
}

void Pool::run(int count, const Task& task) {
  if (count <= 1 || helpers_.empty()) {
    for (int i = 0; i < count; i++) task(i, 0);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    task_ = &task;
    count_ = count;
    next_ = 0;
    round_++;
  }
  opened_.notify_all();
  takeTasks(task, count, 0);
  std::unique_lock<std::mutex> lock(mutex_);
  task_ = nullptr;  // a helper that wakes up only now finds nothing to join
  finished_.wait(lock, [this] { return busy_ == 0; });
}

void Pool::help(int worker) {
  int seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    opened_.wait(lock, [&] { return stopping_ || (task_ && round_ != seen); });
    if (stopping_) return;
    seen = round_;
    const Task& task = *task_;
    const int count = count_;
    busy_++;
    lock.unlock();
    takeTasks(task, count, worker);
    lock.lock();
    if (--busy_ == 0) finished_.notify_one();
  }
}

}  // namespace engine
