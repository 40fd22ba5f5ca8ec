// A oneDNN primitive with all it needs to be run on arrays as XLA holds them, and the cache of those that were made.
#pragma once

#include <cstdint>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "team.h"
#include "xla/ffi/api/ffi.h"

namespace graphwright {

using namespace dnnl;
namespace ffi = xla::ffi;

// given: how the array lies in memory. taken: how the primitive wants it.
struct Argument {
  int number;
  memory::desc given, taken;
};

// Memory that every computation may use while it has its turn. Raises std::bad_alloc.
char* scratch(size_t bytes);

const engine& host();
primitive_attr with_user_scratchpad();

// 0 is float32, 1 bfloat16.
memory::data_type element(int64_t type);

// Images [batch, channels, sizes...], their channels in front of the sizes or behind.
memory::desc images(int64_t batch, int64_t channels, const memory::dims& sizes, int64_t type, bool channels_first);

class Computation {
 public:
  Computation(const primitive_desc_base& description, primitive made, std::vector<Argument> inputs,
              std::vector<Argument> outputs);

  bool is_fast() const { return is_fast_; }
  // Runs on whole arrays, in the order of the arguments.
  void operator()(const std::vector<void*>& inputs, const std::vector<void*>& outputs);

 private:
  primitive primitive_;
  std::vector<Argument> inputs_, outputs_;
  std::vector<reorder> before_, behind_;  // of the arguments that differ, in order
  memory::desc scratchpad_;
  size_t scratch_;  // bytes that a run needs beside the arrays
  bool is_fast_;
};

using Maker = std::unique_ptr<Computation> (*)(ffi::Span<const int64_t>);

// Runs the computation that `make` makes of `spec`, which is made once.
ffi::Error compute(ffi::ThreadPool& pool, Maker make, ffi::Span<const int64_t> spec, const std::vector<void*>& inputs,
                   const std::vector<void*>& outputs);

bool is_fast(Maker make, ffi::Span<const int64_t> spec, int threads);

// Calls body() while nobody else computes, with as many threads as XLA has.
template <typename Body>
ffi::Error take_turn(ffi::ThreadPool& pool, const Body& body) {
  const std::lock_guard<std::mutex> lock(turn());
  try {
    set_threads(static_cast<int>(pool.num_threads()));
    body();
    return ffi::Error::Success();
  } catch (const std::exception& error) {
    return ffi::Error::Internal(error.what());
  }
}

// What XLA is told of a function that reads and writes so many arrays: their memory, and the spec.
template <int kInputs, int kOutputs, typename Binding>
auto with_arrays(Binding binding) {
  if constexpr (kInputs > 0) return with_arrays<kInputs - 1, kOutputs>(std::move(binding).template Arg<ffi::AnyBuffer>());
  else if constexpr (kOutputs > 0) return with_arrays<0, kOutputs - 1>(std::move(binding).template Ret<ffi::AnyBuffer>());
  else return std::move(binding).template Attr<ffi::Span<const int64_t>>("spec");
}

template <int kInputs, int kOutputs>
auto arrays() {
  return with_arrays<kInputs, kOutputs>(ffi::Ffi::Bind().Ctx<ffi::ThreadPool>());
}

}  // namespace graphwright
