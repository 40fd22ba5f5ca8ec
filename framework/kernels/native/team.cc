#include "team.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

namespace graphwright {
namespace {

constexpr int kSpins = 2000;  // some microseconds: longer than from one primitive to the next, shorter than a step

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// One piece of work for all threads, and the barrier within it.
struct Team {
  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable work, rest;
  void (*function)(void*) = nullptr;
  void* data = nullptr;
  int size = 1;                       // threads that take part, the caller among them
  std::atomic<uint64_t> number{0};    // of the work
  std::atomic<int> running{0};        // workers that have not finished it
  std::atomic<int> waiting{0};        // at the barrier
  std::atomic<uint64_t> barriers{0};  // passed so far
};

Team& team() {
  static Team* one = new Team;  // outlives what runs at exit
  return *one;
}

struct Place {
  int index = 0;
  bool is_inside = false;
  bool has_taken = false;  // its share of a divided loop
  long begin = 0, end = 0;
};
thread_local Place place;
int wanted = 1;

void take_part(Team& t, int index) {
  place = {index, true};
  t.function(t.data);
  place.is_inside = false;
}

// seen: the number of the last work before this thread was there.
void serve(int index, uint64_t seen) {
  Team& t = team();
  while (true) {
    for (int spin = 0; spin < kSpins && t.number.load(std::memory_order_acquire) == seen; ++spin) pause();
    if (t.number.load(std::memory_order_acquire) == seen) {
      std::unique_lock<std::mutex> lock(t.mutex);
      t.work.wait(lock, [&] { return t.number.load(std::memory_order_acquire) != seen; });
    }
    seen = t.number.load(std::memory_order_acquire);
    if (index < t.size) take_part(t, index);
    if (t.running.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      std::lock_guard<std::mutex> lock(t.mutex);
      t.rest.notify_one();
    }
  }
}

// Gives the work to the other threads; the caller does its own part between `begin` and `finish`.
void begin(void (*function)(void*), void* data, int size) {
  Team& t = team();
  while (static_cast<int>(t.workers.size()) < size - 1) {
    t.workers.emplace_back(serve, static_cast<int>(t.workers.size()) + 1, t.number.load(std::memory_order_relaxed));
    t.workers.back().detach();
  }
  {
    std::lock_guard<std::mutex> lock(t.mutex);
    t.function = function, t.data = data, t.size = size;
    t.running.store(static_cast<int>(t.workers.size()), std::memory_order_relaxed);
    t.number.fetch_add(1, std::memory_order_release);
  }
  t.work.notify_all();
  place = {0, true};
}

void finish() {
  Team& t = team();
  place.is_inside = false;
  for (int spin = 0; spin < kSpins && t.running.load(std::memory_order_acquire) > 0; ++spin) pause();
  if (t.running.load(std::memory_order_acquire) > 0) {
    std::unique_lock<std::mutex> lock(t.mutex);
    t.rest.wait(lock, [&] { return t.running.load(std::memory_order_acquire) == 0; });
  }
  t.size = 1;
}

void wait_for_all() {
  Team& t = team();
  const uint64_t passed = t.barriers.load(std::memory_order_acquire);
  if (t.waiting.fetch_add(1, std::memory_order_acq_rel) + 1 == t.size) {
    t.waiting.store(0, std::memory_order_relaxed);
    t.barriers.fetch_add(1, std::memory_order_release);
    return;
  }
  for (int spin = 0; t.barriers.load(std::memory_order_acquire) == passed; ++spin) {
    if (spin < kSpins) pause();
    else std::this_thread::yield();
  }
}

}  // namespace

std::mutex& turn() {
  static std::mutex* one = new std::mutex;
  return *one;
}

int threads() { return wanted; }
void set_threads(int count) { wanted = std::max(count, 1); }

void divide(int64_t count, const std::function<void(int64_t, int64_t)>& body) {
  const int size = static_cast<int>(std::min<int64_t>(wanted, count));
  if (size <= 1) {
    if (count > 0) body(0, count);
    return;
  }
  struct Work {
    const std::function<void(int64_t, int64_t)>& body;
    int64_t count;
    int size;
  } work{body, count, size};
  auto part = [](void* data) {
    auto& w = *static_cast<Work*>(data);
    w.body(w.count * place.index / w.size, w.count * (place.index + 1) / w.size);
  };
  begin(part, &work, size);
  part(&work);
  finish();
}

}  // namespace graphwright

// -- what oneDNN calls ------------------------------------------------------------------------------------------------

using graphwright::place;
using graphwright::team;

extern "C" {

int omp_get_max_threads() { return place.is_inside ? 1 : graphwright::wanted; }
int omp_get_num_threads() { return place.is_inside ? team().size : 1; }
int omp_get_thread_num() { return place.is_inside ? place.index : 0; }
int omp_in_parallel() { return place.is_inside; }

void GOMP_parallel_start(void (*function)(void*), void* data, unsigned size) {
  graphwright::begin(function, data, size ? static_cast<int>(size) : graphwright::wanted);
}
void GOMP_parallel_end() { graphwright::finish(); }
void GOMP_parallel(void (*function)(void*), void* data, unsigned size, unsigned) {
  GOMP_parallel_start(function, data, size);
  function(data);
  GOMP_parallel_end();
}
void GOMP_barrier() { graphwright::wait_for_all(); }

// A loop in equal parts, one for each thread.
bool GOMP_loop_static_next(long* first, long* last) {
  if (place.has_taken || place.begin == place.end) return false;
  place.has_taken = true;
  *first = place.begin, *last = place.end;
  return true;
}
bool GOMP_loop_static_start(long start, long end, long step, long, long* first, long* last) {
  const long turns = step > 0 ? std::max(0L, (end - start + step - 1) / step) : std::max(0L, (start - end - step - 1) / -step);
  const long size = omp_get_num_threads(), index = omp_get_thread_num();
  place.begin = start + turns * index / size * step;
  place.end = start + turns * (index + 1) / size * step;
  place.has_taken = false;
  return GOMP_loop_static_next(first, last);
}
void GOMP_loop_end_nowait() {}

}  // extern "C"
