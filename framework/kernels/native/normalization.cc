// Normalisation over a batch, with the moments of that batch, and its gradient, by oneDNN; where channels lie behind, the
// former by loops of our own, which read the images twice and meet once. oneDNN's threads wait for each other several
// times, without giving way to what else the machine does.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "primitives.h"

namespace graphwright {
namespace {

constexpr int64_t kChunk = 4096;  // numbers whose moments are taken together, while they are in the nearest cache

// The mean of some rows, and the sum of squared distances from it, by channel.
struct Moments {
  int64_t rows = 0;
  std::vector<double> mean, squares;

  explicit Moments(int64_t channels) : mean(channels), squares(channels) {}

  // Adds other rows (Chan, Golub and LeVeque 1979). of: their mean and sum of squared distances, by channel.
  template <typename Of>
  void add(int64_t others, const Of& of) {
    if (others == 0) return;
    const double share = static_cast<double>(others) / static_cast<double>(rows + others);
    for (size_t c = 0; c < mean.size(); ++c) {
      const std::pair<double, double> found = of(c);
      const double distance = found.first - mean[c];
      mean[c] += distance * share;
      squares[c] += found.second + distance * distance * share * rows;
    }
    rows += others;
  }
};

// Adjacent channels, which compilers would not keep in registers by themselves.
typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
constexpr int64_t kLanes = 8;

Lanes load(const float* at) { return *reinterpret_cast<const Lanes*>(at); }
void store(float* at, Lanes value) { *reinterpret_cast<Lanes*>(at) = value; }

// Of some rows the sums, by channel, of the distances from a shift, and of their squares.
void sum_rows(const float* x, int64_t rows, int64_t channels, const float* shift, float* sums, float* squares) {
  int64_t c = 0;
  for (; c + 2 * kLanes <= channels; c += 2 * kLanes) {
    Lanes sum[2] = {}, square[2] = {};
    const Lanes from[2] = {load(shift + c), load(shift + c + kLanes)};
    const float* at = x + c;
    for (int64_t row = 0; row < rows; ++row, at += channels) {
      const Lanes one = load(at) - from[0], other = load(at + kLanes) - from[1];
      sum[0] += one, sum[1] += other;
      square[0] += one * one, square[1] += other * other;
    }
    store(sums + c, sum[0]), store(sums + c + kLanes, sum[1]);
    store(squares + c, square[0]), store(squares + c + kLanes, square[1]);
  }
  for (; c < channels; ++c) {
    float sum = 0, square = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const float distance = x[row * channels + c] - shift[c];
      sum += distance, square += distance * distance;
    }
    sums[c] = sum, squares[c] = square;
  }
}

// Distances are taken from the mean of the rows before, those of the first rows from their own, so that little is lost
// of numbers that lie far from zero.
Moments moments(const float* x, int64_t rows, int64_t channels) {
  Moments found(channels);
  std::vector<float> shift(channels), sums(channels), squares(channels);
  const int64_t most = std::max<int64_t>(1, kChunk / channels);
  if (rows > 0) {
    const int64_t count = std::min(most, rows);
    std::copy(x, x + channels, shift.begin());
    sum_rows(x, count, channels, shift.data(), sums.data(), squares.data());
    for (int64_t c = 0; c < channels; ++c) shift[c] += sums[c] / static_cast<float>(count);
  }
  for (int64_t first = 0; first < rows; first += most) {
    const int64_t count = std::min(most, rows - first);
    sum_rows(x + first * channels, count, channels, shift.data(), sums.data(), squares.data());
    found.add(count, [&](size_t c) {
      const double from_shift = sums[c] / static_cast<double>(count);
      return std::pair(shift[c] + from_shift, std::max(0.0, squares[c] - from_shift * sums[c]));
    });
    for (int64_t c = 0; c < channels; ++c) shift[c] = static_cast<float>(found.mean[c]);
  }
  return found;
}

// y, mean and variance of x [rows, channels].
void normalize_rows(const float* x, const float* scale, const float* offset, float* y, float* mean, float* variance,
                    int64_t rows, int64_t channels, float epsilon) {
  const int64_t parts = threads();
  std::vector<Moments> found(parts, Moments(channels));
  divide(parts, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      const int64_t begin = rows * part / parts, end = rows * (part + 1) / parts;
      found[part] = moments(x + begin * channels, end - begin, channels);
    }
  });
  Moments whole(channels);
  for (const Moments& part : found) whole.add(part.rows, [&](size_t c) { return std::pair(part.mean[c], part.squares[c]); });
  std::vector<float> factors(channels);
  for (int64_t c = 0; c < channels; ++c) {
    mean[c] = static_cast<float>(whole.mean[c]);
    variance[c] = static_cast<float>(whole.squares[c] / rows);
    factors[c] = scale[c] / std::sqrt(variance[c] + epsilon);
  }
  divide(rows, [&](int64_t first, int64_t last) {
    const float* factor = factors.data();
    for (int64_t row = first; row < last; ++row) {
      const float* from = x + row * channels;
      float* to = y + row * channels;
      int64_t c = 0;
      for (; c + kLanes <= channels; c += kLanes)
        store(to + c, (load(from + c) - load(mean + c)) * load(factor + c) + load(offset + c));
      for (; c < channels; ++c) to[c] = (from[c] - mean[c]) * factor[c] + offset[c];
    }
  });
}

float epsilon_of(ffi::Span<const int64_t> spec) {
  const auto bits = static_cast<uint32_t>(spec[4]);
  float epsilon;
  std::memcpy(&epsilon, &bits, sizeof epsilon);
  return epsilon;
}

// What a call is, as Python writes it: see framework/kernels/native/normalization.py.
std::unique_ptr<Computation> make_normalization(ffi::Span<const int64_t> spec) {
  const bool is_gradient = spec[0] == 1;
  const int64_t channels_first = spec[1], batch = spec[2], channels = spec[3];
  const float epsilon = epsilon_of(spec);
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
  if (spec[1] == 0) {
    return take_turn(pool, [&] {
      const auto floats = [](auto& buffer) { return static_cast<float*>(buffer.untyped_data()); };
      const int64_t channels = spec[3], rows = static_cast<int64_t>(x.element_count()) / channels;
      normalize_rows(floats(x), floats(scale), floats(offset), floats(*y), floats(*mean), floats(*variance), rows,
                     channels, epsilon_of(spec));
    });
  }
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

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_normalization, graphwright::normalize, (graphwright::arrays<3, 3>()));
XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_normalization_gradient, graphwright::normalize_gradient, (graphwright::arrays<5, 3>()));

extern "C" int graphwright_has_normalization(const int64_t* spec, int64_t length, int threads) {
  return graphwright::is_fast(graphwright::make_normalization, {spec, static_cast<size_t>(length)}, threads);
}
