// Normalisation over a batch, with the moments of that batch, and its gradient, by oneDNN.
#include <cstring>

#include "primitives.h"

namespace graphwright {
namespace {

// What a call is, as Python writes it: see framework/kernels/native/normalization.py.
std::unique_ptr<Computation> make_normalization(ffi::Span<const int64_t> spec) {
  const bool is_gradient = spec[0] == 1;
  const int64_t channels_first = spec[1], batch = spec[2], channels = spec[3];
  const auto bits = static_cast<uint32_t>(spec[4]);
  float epsilon;
  std::memcpy(&epsilon, &bits, sizeof epsilon);
  const memory::dims sizes(spec.begin() + 5, spec.end());
  const memory::desc x = images(batch, channels, sizes, 0, channels_first),
                     vector({channels}, element(0), memory::format_tag::a);
  const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  const batch_normalization_forward::primitive_desc forward(host(), prop_kind::forward_training, x, x, epsilon, flags,
                                                            with_user_scratchpad());
  if (!is_gradient) {
    return std::make_unique<Computation>(
        forward, batch_normalization_forward(forward),
        std::vector<Argument>{{DNNL_ARG_SRC, x, x}, {DNNL_ARG_SCALE, vector, vector}, {DNNL_ARG_SHIFT, vector, vector}},
        std::vector<Argument>{{DNNL_ARG_DST, x, x}, {DNNL_ARG_MEAN, vector, vector}, {DNNL_ARG_VARIANCE, vector, vector}});
  }
  const batch_normalization_backward::primitive_desc found(host(), prop_kind::backward, x, x, x, epsilon, flags, forward,
                                                           with_user_scratchpad());
  return std::make_unique<Computation>(
      found, batch_normalization_backward(found),
      std::vector<Argument>{{DNNL_ARG_SRC, x, x},
                            {DNNL_ARG_MEAN, vector, vector},
                            {DNNL_ARG_VARIANCE, vector, vector},
                            {DNNL_ARG_SCALE, vector, vector},
                            {DNNL_ARG_DIFF_DST, x, x}},
      std::vector<Argument>{{DNNL_ARG_DIFF_SRC, x, x},
                            {DNNL_ARG_DIFF_SCALE, vector, vector},
                            {DNNL_ARG_DIFF_SHIFT, vector, vector}});
}

ffi::Error normalize(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::AnyBuffer scale, ffi::AnyBuffer offset,
                     ffi::Result<ffi::AnyBuffer> y, ffi::Result<ffi::AnyBuffer> mean,
                     ffi::Result<ffi::AnyBuffer> variance, ffi::Span<const int64_t> spec) {
  return compute(pool, make_normalization, spec, {x.untyped_data(), scale.untyped_data(), offset.untyped_data()},
                 {y->untyped_data(), mean->untyped_data(), variance->untyped_data()});
}

ffi::Error normalize_gradient(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::AnyBuffer mean, ffi::AnyBuffer variance,
                              ffi::AnyBuffer scale, ffi::AnyBuffer gradient, ffi::Result<ffi::AnyBuffer> of_x,
                              ffi::Result<ffi::AnyBuffer> of_scale, ffi::Result<ffi::AnyBuffer> of_offset,
                              ffi::Span<const int64_t> spec) {
  return compute(pool, make_normalization, spec,
                 {x.untyped_data(), mean.untyped_data(), variance.untyped_data(), scale.untyped_data(),
                  gradient.untyped_data()},
                 {of_x->untyped_data(), of_scale->untyped_data(), of_offset->untyped_data()});
}

}  // namespace
}  // namespace graphwright

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_normalization, graphwright::normalize,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Attr<xla::ffi::Span<const int64_t>>("spec"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_normalization_gradient, graphwright::normalize_gradient,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Attr<xla::ffi::Span<const int64_t>>("spec"));

extern "C" int graphwright_has_normalization(const int64_t* spec, int64_t length, int threads) {
  return graphwright::is_fast(graphwright::make_normalization, {spec, static_cast<size_t>(length)}, threads);
}
