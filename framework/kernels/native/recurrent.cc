// The loop over time of a long short-term memory, and its gradient: products and gates of a tile stay in registers.
//
// Arrays are [batch, time, width]. Examples know nothing of each other, so that each thread reads its own to the end.
#include <algorithm>
#include <cstring>

#include "primitives.h"
#include "vectors.h"

namespace graphwright {
namespace {

constexpr int kRows = kLanes == 16 ? 6 : 3;  // accumulators that the registers hold: 4 * kRows
constexpr int kAcross = 4;  // vectors of a tile: the gates of some units, or as many times the units
using Array = ffi::Buffer<ffi::F32, 3>;
using Matrix = ffi::Buffer<ffi::F32, 2>;
using Row = ffi::Buffer<ffi::F32, 1>;

enum Gate { kInput, kForget, kCandidate, kOutput };

struct Sizes {
  int64_t batch, time, units;
  bool reverse;

  int64_t width() const { return kAcross * units; }
  // Where the element that is read in this place lies, among those of all examples.
  int64_t element(int64_t example, int64_t step) const { return example * time + (reverse ? time - 1 - step : step); }
};

Vector load(const float* from, int64_t count) {
  Vector found{};
  if (count >= kLanes) std::memcpy(&found, from, sizeof found);
  else std::memcpy(&found, from, count * sizeof(float));
  return found;
}

void store(const Vector& what, float* to, int64_t count) {
  if (count >= kLanes) std::memcpy(to, &what, sizeof what);
  else std::memcpy(to, &what, count * sizeof(float));
}

// The quotient of polynomials by which Eigen and XLA compute it; NaN stays NaN.
Vector tanh(Vector x) {
  constexpr float kBound = 7.90531110763549805f;  // beyond, it is 1
  const Vector bound = Vector{} + kBound;
  x = x > bound ? bound : x;
  x = x < -bound ? -bound : x;
  const Vector s = x * x;
  Vector p = s * -2.76076847742355e-16f + 2.00018790482477e-13f;
  p = s * p - 8.60467152213735e-11f;
  p = s * p + 5.12229709037114e-08f;
  p = s * p + 1.48572235717979e-05f;
  p = s * p + 6.37261928875436e-04f;
  p = s * p + 4.89352455891786e-03f;
  Vector q = s * 1.19825839466702e-06f + 1.18534705686654e-04f;
  q = s * q + 2.26843463243900e-03f;
  q = s * q + 4.89352518554385e-03f;
  return x * p / q;
}

Vector sigmoid(Vector x) { return 0.5f + 0.5f * tanh(0.5f * x); }

// sums = a * panel, for `rows` rows of `depth` elements.
template <int rows>
inline __attribute__((always_inline)) void multiply(const float* a, int64_t stride, const float* panel, int64_t depth,
                                                    Vector (&sums)[rows][kAcross]) {
  Vector found[rows][kAcross]{};
  for (int64_t k = 0; k < depth; ++k, panel += kAcross * kLanes) {
    Vector along[kAcross];
    std::memcpy(along, panel, sizeof along);
    for (int row = 0; row < rows; ++row) {
      for (int n = 0; n < kAcross; ++n) found[row][n] += a[row * stride + k] * along[n];
    }
  }
  std::memcpy(sums, found, sizeof found);
}

// Calls visit.operator()<rows>(first row) for all rows, as many at once as a tile has.
template <int rows = kRows, typename Visit>
void by_tiles(int64_t first, int64_t last, const Visit& visit) {
  for (; first + rows <= last; first += rows) visit(first, std::integral_constant<int, rows>());
  if constexpr (rows > 1) by_tiles<rows - 1>(first, last, visit);
}

// -- forward ----------------------------------------------------------------------------------------------------------

struct Forward {
  Sizes s;
  const float *projected, *bias, *panels;
  float *y, *gates, *cells;  // the last two are null where no gradient is wanted
  float *hidden[2], *cell;   // the state of all examples, side by side: [batch, units]

  // Columns of the kernel [units, 4 units] as the tiles read them: the four gates of some units together.
  static int64_t size(const Sizes& s) { return parts(s.units, kLanes) * s.units * kAcross * kLanes; }
  static void pack(const Sizes& s, const float* kernel, float* to) {
    for (int64_t first = 0; first < s.units; first += kLanes) {
      for (int64_t k = 0; k < s.units; ++k) {
        for (int gate = 0; gate < kAcross; ++gate, to += kLanes) {
          store(load(kernel + k * s.width() + gate * s.units + first, s.units - first), to, kLanes);
        }
      }
    }
  }

  void operator()(int64_t begin, int64_t end) const {
    std::fill(cell + begin * s.units, cell + end * s.units, 0.0f);
    for (int64_t step = 0; step < s.time; ++step) {
      for (int64_t unit = 0; unit < s.units; unit += kLanes) {
        by_tiles(begin, end, [&](int64_t row, auto rows) { tile<rows>(row, unit, step); });
      }
    }
  }

  template <int rows>
  void tile(int64_t first, int64_t unit, int64_t step) const {
    const int64_t count = s.units - unit;
    for (int row = 0; row < rows; ++row) {  // they are there when the product is
      const float* at = projected + s.element(first + row, step) * s.width() + unit;
      for (int gate = 0; gate < kAcross; ++gate) __builtin_prefetch(at + gate * s.units);
    }
    Vector sums[rows][kAcross], biases[kAcross];
    multiply<rows>(hidden[step & 1] + first * s.units, s.units, panels + unit * s.units * kAcross, step ? s.units : 0,
                   sums);
    for (int gate = 0; gate < kAcross; ++gate) biases[gate] = load(bias + gate * s.units + unit, count);
    for (int row = 0; row < rows; ++row) {
      const int64_t element = s.element(first + row, step), state = (first + row) * s.units + unit;
      const float* at = projected + element * s.width() + unit;
      for (int gate = 0; gate < kAcross; ++gate) {
        const Vector x = sums[row][gate] + load(at + gate * s.units, count) + biases[gate];
        sums[row][gate] = gate == kCandidate ? tanh(x) : sigmoid(x);
        if (gates) store(sums[row][gate], gates + element * s.width() + gate * s.units + unit, count);
      }
      const Vector c = sums[row][kForget] * load(cell + state, count) + sums[row][kInput] * sums[row][kCandidate];
      const Vector h = sums[row][kOutput] * tanh(c);
      store(c, cell + state, count);
      store(h, hidden[~step & 1] + state, count);
      store(h, y + element * s.units + unit, count);
      if (cells) store(c, cells + element * s.units + unit, count);
    }
  }
};

// -- backward ---------------------------------------------------------------------------------------------------------

struct Backward {
  Sizes s;
  const float *y, *gates, *cells, *panels;  // y: the gradient by it
  float* projected;                         // the gradient by it
  float *behind[2], *cell;  // gradients by the gates [batch, 4 units] and the cells [batch, units], side by side

  // Columns of the transposed kernel [4 units, units] as the tiles read them.
  static int64_t size(const Sizes& s) { return parts(s.units, kAcross * kLanes) * s.width() * kAcross * kLanes; }
  static void pack(const Sizes& s, const float* kernel, float* to) {
    for (int64_t first = 0; first < s.units; first += kAcross * kLanes) {
      for (int64_t k = 0; k < s.width(); ++k) {
        for (int64_t unit = first; unit < first + kAcross * kLanes; ++unit) {
          *to++ = unit < s.units ? kernel[unit * s.width() + k] : 0.0f;
        }
      }
    }
  }

  void operator()(int64_t begin, int64_t end) const {
    std::fill(cell + begin * s.units, cell + end * s.units, 0.0f);
    for (int64_t step = s.time - 1; step >= 0; --step) {
      for (int64_t unit = 0; unit < s.units; unit += kAcross * kLanes) {
        by_tiles(begin, end, [&](int64_t row, auto rows) { tile<rows>(row, unit, step); });
      }
    }
  }

  template <int rows>
  void tile(int64_t first, int64_t unit, int64_t step) const {
    const bool is_last = step + 1 == s.time;
    for (int row = 0; row < rows; ++row) {  // they are there when the product is
      const int64_t element = s.element(first + row, step);
      for (int64_t u = unit; u < std::min(s.units, unit + kAcross * kLanes); u += kLanes) {
        for (int gate = 0; gate < kAcross; ++gate) __builtin_prefetch(gates + element * s.width() + gate * s.units + u);
        __builtin_prefetch(y + element * s.units + u);
        if (step) __builtin_prefetch(cells + s.element(first + row, step - 1) * s.units + u);
      }
    }
    Vector sums[rows][kAcross];
    multiply<rows>(behind[step & 1] + first * s.width(), s.width(), panels + unit * s.width(),
                   is_last ? 0 : s.width(), sums);
    for (int row = 0; row < rows; ++row) {
      for (int n = 0; n < kAcross && unit + n * kLanes < s.units; ++n) {
        through_gates(first + row, unit + n * kLanes, step, sums[row][n]);
      }
    }
  }

  // hidden: the gradient by the state of these units, but for what comes from the output itself.
  void through_gates(int64_t example, int64_t unit, int64_t step, Vector hidden) const {
    const int64_t element = s.element(example, step), count = s.units - unit, state = example * s.units + unit;
    const float* at = gates + element * s.width() + unit;
    const Vector i = load(at + kInput * s.units, count), f = load(at + kForget * s.units, count),
                 g = load(at + kCandidate * s.units, count), o = load(at + kOutput * s.units, count),
                 now = tanh(load(cells + element * s.units + unit, count)),
                 before = step ? load(cells + s.element(example, step - 1) * s.units + unit, count) : Vector{};
    hidden += load(y + element * s.units + unit, count);
    const Vector c = load(cell + state, count) + hidden * o * (1.0f - now * now);
    store(c * f, cell + state, count);
    const Vector found[kAcross] = {c * g * i * (1.0f - i), c * before * f * (1.0f - f), c * i * (1.0f - g * g),
                                   hidden * now * o * (1.0f - o)};
    for (int gate = 0; gate < kAcross; ++gate) {
      store(found[gate], projected + element * s.width() + gate * s.units + unit, count);
      store(found[gate], behind[~step & 1] + example * s.width() + gate * s.units + unit, count);
    }
  }
};

// Runs a loop on the threads of the team. width: of the two states that it goes on from, in elements of an example.
template <typename Loop>
ffi::Error run(ffi::ThreadPool& pool, Loop loop, float* Loop::*cell, float* (Loop::*states)[2], const float* kernel,
               int64_t width) {
  const Sizes& s = loop.s;
  return take_turn(pool, [&] {
    auto* free = reinterpret_cast<float*>(scratch((Loop::size(s) + s.batch * (2 * width + s.units)) * sizeof(float)));
    Loop::pack(s, kernel, free);
    loop.panels = free;
    free += Loop::size(s);
    for (float*& state : loop.*states) state = free, free += s.batch * width;
    loop.*cell = free;
    divide(s.batch, loop);
  });
}

Sizes sizes(const Array& x, const Matrix& kernel, bool reverse) {
  return {x.dimensions()[0], x.dimensions()[1], kernel.dimensions()[0], reverse};
}

ffi::Error read(ffi::ThreadPool& pool, const Array& projected, const Matrix& kernel, const Row& bias, float* y,
                float* gates, float* cells, bool reverse) {
  const Sizes s = sizes(projected, kernel, reverse);
  const Forward loop{s, projected.typed_data(), bias.typed_data(), nullptr, y, gates, cells};
  return run(pool, loop, &Forward::cell, &Forward::hidden, kernel.typed_data(), s.units);
}

ffi::Error lstm(ffi::ThreadPool pool, Array projected, Matrix kernel, Row bias, ffi::Result<Array> y, bool reverse) {
  return read(pool, projected, kernel, bias, y->typed_data(), nullptr, nullptr, reverse);
}

ffi::Error lstm_with_gates(ffi::ThreadPool pool, Array projected, Matrix kernel, Row bias, ffi::Result<Array> y,
                           ffi::Result<Array> gates, ffi::Result<Array> cells, bool reverse) {
  return read(pool, projected, kernel, bias, y->typed_data(), gates->typed_data(), cells->typed_data(), reverse);
}

ffi::Error lstm_gradient(ffi::ThreadPool pool, Array y, Array gates, Array cells, Matrix kernel,
                         ffi::Result<Array> projected, bool reverse) {
  const Sizes s = sizes(y, kernel, reverse);
  const Backward loop{s, y.typed_data(), gates.typed_data(), cells.typed_data(), nullptr, projected->typed_data()};
  return run(pool, loop, &Backward::cell, &Backward::behind, kernel.typed_data(), s.width());
}

// What both ways to read are given, and give first.
auto reading() {
  return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Array>().Arg<Matrix>().Arg<Row>().Ret<Array>();
}

}  // namespace
}  // namespace graphwright

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_lstm, graphwright::lstm, graphwright::reading().Attr<bool>("reverse"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    graphwright_lstm_with_gates, graphwright::lstm_with_gates,
    graphwright::reading().Ret<graphwright::Array>().Ret<graphwright::Array>().Attr<bool>("reverse"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_lstm_gradient, graphwright::lstm_gradient,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<graphwright::Array>()
                                  .Arg<graphwright::Array>()
                                  .Arg<graphwright::Array>()
                                  .Arg<graphwright::Matrix>()
                                  .Ret<graphwright::Array>()
                                  .Attr<bool>("reverse"));
