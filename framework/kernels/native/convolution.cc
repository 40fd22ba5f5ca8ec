// Convolution and its gradients by oneDNN: y = x * k, of which each of the three follows from the other two.
#include <algorithm>

#include "convolution.h"
#include "filter_gradient.h"

namespace graphwright {
namespace {

// Whether a gradient by the kernel is one that oneDNN computes wrongly now and then. For windows of one element with
// strides it first gathers what they see; where channels lie behind, the threads' places for that overlap (up to 3.7 at
// least: jit_avx2_1x1_convolution.cpp counts them by blocks of channels).
bool is_wrong(const Convolution& g, const primitive_desc_base& found) {
  const auto is_one = [](int64_t size) { return size == 1; };
  return std::all_of(g.window.begin(), g.window.end(), is_one) &&
         !std::all_of(g.strides.begin(), g.strides.end(), is_one) &&
         std::string(found.impl_info_str()).find("1x1") != std::string::npos;
}

memory::desc any(const memory::desc& desc) { return {desc.get_dims(), desc.get_data_type(), memory::format_tag::any}; }

// The primitive for images as they lie in memory, or in an order that oneDNN likes better.
std::unique_ptr<Computation> make(const Convolution& g, bool is_reordered) {
  const memory::desc x = images(g.batch, g.channels, g.image, g.type, g.channels_first), k = g.kernel(),
                     y = images(g.batch, g.filters, g.result, g.type, g.channels_first);
  const memory::desc px = is_reordered ? any(x) : x, py = is_reordered ? any(y) : y, pk = any(k);
  const auto direct = algorithm::convolution_direct;
  const auto settings = with_user_scratchpad();
  const convolution_forward::primitive_desc forward(host(), prop_kind::forward_training, direct, px, pk, py, g.strides,
                                                    g.dilations, g.before, g.behind, settings);
  if (g.kind == 0) {
    return std::make_unique<Computation>(
        forward, convolution_forward(forward),
        std::vector<Argument>{{DNNL_ARG_SRC, x, forward.src_desc()}, {DNNL_ARG_WEIGHTS, k, forward.weights_desc()}},
        std::vector<Argument>{{DNNL_ARG_DST, y, forward.dst_desc()}});
  }
  if (g.kind == 1) {
    const convolution_backward_data::primitive_desc found(host(), direct, px, pk, py, g.strides, g.dilations, g.before,
                                                          g.behind, forward, settings);
    return std::make_unique<Computation>(
        found, convolution_backward_data(found),
        std::vector<Argument>{{DNNL_ARG_DIFF_DST, y, found.diff_dst_desc()}, {DNNL_ARG_WEIGHTS, k, found.weights_desc()}},
        std::vector<Argument>{{DNNL_ARG_DIFF_SRC, x, found.diff_src_desc()}});
  }
  convolution_backward_weights::primitive_desc found(host(), direct, px, pk, py, g.strides, g.dilations, g.before,
                                                     g.behind, forward, settings);
  while (is_wrong(g, found))
    if (!found.next_impl()) throw error(dnnl_unimplemented, "there is no other way to compute it");
  return std::make_unique<Computation>(
      found, convolution_backward_weights(found),
      std::vector<Argument>{{DNNL_ARG_SRC, x, found.src_desc()}, {DNNL_ARG_DIFF_DST, y, found.diff_dst_desc()}},
      std::vector<Argument>{{DNNL_ARG_DIFF_WEIGHTS, k, found.diff_weights_desc()}});
}

std::unique_ptr<Computation> choose(ffi::Span<const int64_t> spec) {
  const Convolution convolution(spec);
  std::unique_ptr<Computation> found;
  try {
    found = make(convolution, false);
    if (found->is_fast()) return found;
  } catch (const dnnl::error&) {
  }
  return make(convolution, true);
}

ffi::Error convolve(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::Result<ffi::AnyBuffer> result,
                    ffi::Span<const int64_t> spec) {
  const Convolution convolution(spec);
  if (has_filter_gradient(convolution, pool.num_threads())) {
    return take_turn(pool, [&] {
      filter_gradient(convolution, static_cast<const float*>(a.untyped_data()),
                      static_cast<const float*>(b.untyped_data()), static_cast<float*>(result->untyped_data()));
    });
  }
  return compute(pool, choose, spec, {a.untyped_data(), b.untyped_data()}, {result->untyped_data()});
}

}  // namespace
}  // namespace graphwright

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_convolution, graphwright::convolve, (graphwright::arrays<2, 1>()));

// Whether oneDNN has more for a call than a plain loop.
extern "C" int graphwright_has_convolution(const int64_t* spec, int64_t length, int threads) {
  return graphwright::is_fast(graphwright::choose, {spec, static_cast<size_t>(length)}, threads);
}
