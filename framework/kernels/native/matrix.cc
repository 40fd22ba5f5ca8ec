// Products of matrices, or of stacks of as many matrices, by oneDNN; either factor may lie transposed.
#include "primitives.h"

namespace graphwright {
namespace {

// What a call is, as Python writes it: see framework/kernels/native/matrix.py.
struct Product {
  int64_t type, batch, rows, inner, columns, transpose_a, transpose_b;

  explicit Product(ffi::Span<const int64_t> spec) {
    size_t at = 0;
    for (int64_t* field : {&type, &batch, &rows, &inner, &columns, &transpose_a, &transpose_b}) *field = spec[at++];
  }

  // A stack of [rows, columns], of which each may lie as [columns, rows]. One alone is a matrix to oneDNN: a stack of
  // one takes a slower way.
  memory::desc matrices(int64_t rows, int64_t columns, bool is_transposed) const {
    memory::dims sizes{rows, columns}, strides{is_transposed ? 1 : columns, is_transposed ? rows : 1};
    if (batch > 1) {
      sizes.insert(sizes.begin(), batch);
      strides.insert(strides.begin(), rows * columns);
    }
    return {sizes, element(type), strides};
  }
};

std::unique_ptr<Computation> make_product(ffi::Span<const int64_t> spec) {
  const Product p(spec);
  const memory::desc a = p.matrices(p.rows, p.inner, p.transpose_a), b = p.matrices(p.inner, p.columns, p.transpose_b),
                     y = p.matrices(p.rows, p.columns, false);
  const matmul::primitive_desc found(host(), a, b, y, with_user_scratchpad());
  return std::make_unique<Computation>(found, matmul(found),
                                       std::vector<Argument>{{DNNL_ARG_SRC, a, a}, {DNNL_ARG_WEIGHTS, b, b}},
                                       std::vector<Argument>{{DNNL_ARG_DST, y, y}});
}

ffi::Error multiply(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::Result<ffi::AnyBuffer> result,
                    ffi::Span<const int64_t> spec) {
  return compute(pool, make_product, spec, {a.untyped_data(), b.untyped_data()}, {result->untyped_data()});
}

}  // namespace
}  // namespace graphwright

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_product, graphwright::multiply, (graphwright::arrays<2, 1>()));

extern "C" int graphwright_has_product(const int64_t* spec, int64_t length, int threads) {
  return graphwright::is_fast(graphwright::make_product, {spec, static_cast<size_t>(length)}, threads);
}
