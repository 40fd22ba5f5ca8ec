// softmax(scale * query key') value of each head, and its gradient: the weights of some queries stay in the cache.
//
// Arrays are [batch, time, heads, depth]. Heads know nothing of each other, so that each thread computes its own.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "primitives.h"
#include "vectors.h"

namespace graphwright {
namespace {

using Array = ffi::Buffer<ffi::F32, 4>;
using Sums = ffi::Buffer<ffi::F32, 3>;

constexpr int64_t kQueries = 64;  // whose weights are computed at once

// 2^n times a polynomial of what is left (Cephes); x is at most 0. NaN stays NaN.
Vector exponential(Vector x) {
  const Vector least = Vector{} - 87.0f;
  const Vector bounded = x < least ? least : x;
  const Vector shifted = bounded * 1.44269504088896341f + 12582912.0f;  // the nearest integer, in the last bits
  const Vector n = shifted - 12582912.0f;
  Vector r = bounded - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Vector p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  Integers bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + (127 << 23);
  Vector power;
  std::memcpy(&power, &bits, sizeof power);
  const Vector found = p * power;
  return x < Vector{} - 87.0f ? Vector{} : found;
}

// Calls visit(vector) for parts of a row, whose last is padded by `padding`; what it gives is put back.
template <typename Visit>
void along(float* row, int64_t count, float padding, const Visit& visit) {
  for (int64_t first = 0; first < count; first += kLanes) {
    Vector x = Vector{} + padding;
    if (first + kLanes <= count) {
      std::memcpy(&x, row + first, sizeof x);
      x = visit(x);
      std::memcpy(row + first, &x, sizeof x);
    } else {
      const size_t bytes = (count - first) * sizeof(float);
      std::memcpy(&x, row + first, bytes);
      x = visit(x);
      std::memcpy(row + first, &x, bytes);
    }
  }
}

float sum(const Vector& x) {
  float total = 0;
  for (int lane = 0; lane < kLanes; ++lane) total += x[lane];
  return total;
}

struct Attention {
  int64_t batch, time, other, heads, depth;
  float scale;
  bool causal;

  int64_t stride() const { return heads * depth; }
  // Where the first element of a head of an example lies, in a sequence of so many.
  int64_t head(int64_t number, int64_t time) const {
    return number / heads * time * stride() + number % heads * depth;
  }
  // How many keys any of the queries up to `last` reads.
  int64_t seen(int64_t last) const { return causal ? std::min(other, last) : other; }
};

// y = factor * a b + rest * y, of [rows, inner] and [inner, columns].
void multiply(char transpose_a, char transpose_b, int64_t rows, int64_t inner, int64_t columns, float factor,
              const float* a, int64_t stride_a, const float* b, int64_t stride_b, float rest, float* y,
              int64_t stride_y) {
  const auto status = dnnl_sgemm(transpose_a, transpose_b, rows, columns, inner, factor, a, stride_a, b, stride_b, rest,
                                 y, stride_y);
  if (status != dnnl_success) throw std::runtime_error("a product of attention failed");
}

// Scores of queries from `first` on become weights. sums: of each query, what the logarithm of its weights lacks.
void weigh(const Attention& s, float* scores, int64_t first, int64_t rows, int64_t keys, float* sums) {
  for (int64_t row = 0; row < rows; ++row) {
    float* at = scores + row * keys;
    const int64_t count = s.seen(first + row + 1);
    std::fill(at + count, at + keys, 0.0f);
    Vector most = Vector{} - INFINITY;
    along(at, count, -INFINITY, [&](Vector x) {
      most = x > most ? x : most;
      return x;
    });
    float largest = -INFINITY;
    for (int lane = 0; lane < kLanes; ++lane) largest = std::max(largest, most[lane]);
    Vector all{};
    along(at, count, -INFINITY, [&](Vector x) {
      x = exponential(x - largest);
      all += x;
      return x;
    });
    const float found = sum(all), factor = 1.0f / found;
    along(at, count, 0.0f, [&](Vector x) { return x * factor; });
    sums[first + row] = largest + std::log(found);
  }
}

// The same where the sums are known.
void weigh_again(const Attention& s, float* scores, int64_t first, int64_t rows, int64_t keys, const float* sums) {
  for (int64_t row = 0; row < rows; ++row) {
    float* at = scores + row * keys;
    const int64_t count = s.seen(first + row + 1);
    std::fill(at + count, at + keys, 0.0f);
    along(at, count, -INFINITY, [total = sums[first + row]](Vector x) { return exponential(x - total); });
  }
}

void attend(const Attention& s, int64_t number, const float* q, const float* k, const float* v, float* y, float* sums,
            float* scores) {
  q += s.head(number, s.time), y += s.head(number, s.time), sums += number * s.time;
  k += s.head(number, s.other), v += s.head(number, s.other);
  for (int64_t first = 0; first < s.time; first += kQueries) {
    const int64_t rows = std::min(kQueries, s.time - first), keys = s.seen(first + rows);
    multiply('N', 'T', rows, s.depth, keys, s.scale, q + first * s.stride(), s.stride(), k, s.stride(), 0, scores, keys);
    weigh(s, scores, first, rows, keys, sums);
    multiply('N', 'N', rows, keys, s.depth, 1, scores, keys, v, s.stride(), 0, y + first * s.stride(), s.stride());
  }
}

struct Gradient {
  const float *q, *k, *v, *y, *sums, *gradient;
  float *by_q, *by_k, *by_v;
};

void back(const Attention& s, int64_t number, Gradient g, float* weights, float* scores) {
  const int64_t here = s.head(number, s.time), there = s.head(number, s.other);
  g.q += here, g.y += here, g.gradient += here, g.by_q += here, g.sums += number * s.time;
  g.k += there, g.v += there, g.by_k += there, g.by_v += there;
  for (int64_t key = 0; key < s.other; ++key) {
    std::fill_n(g.by_k + key * s.stride(), s.depth, 0.0f);
    std::fill_n(g.by_v + key * s.stride(), s.depth, 0.0f);
  }
  for (int64_t first = 0; first < s.time; first += kQueries) {
    const int64_t rows = std::min(kQueries, s.time - first), keys = s.seen(first + rows), at = first * s.stride();
    multiply('N', 'T', rows, s.depth, keys, s.scale, g.q + at, s.stride(), g.k, s.stride(), 0, weights, keys);
    weigh_again(s, weights, first, rows, keys, g.sums);
    multiply('N', 'T', rows, s.depth, keys, 1, g.gradient + at, s.stride(), g.v, s.stride(), 0, scores, keys);
    for (int64_t row = 0; row < rows; ++row) {
      const float *gradient = g.gradient + at + row * s.stride(), *y = g.y + at + row * s.stride();
      float mean = 0;
      for (int64_t n = 0; n < s.depth; ++n) mean += gradient[n] * y[n];
      for (int64_t key = 0; key < keys; ++key) {
        scores[row * keys + key] = weights[row * keys + key] * (scores[row * keys + key] - mean);
      }
    }
    multiply('N', 'N', rows, keys, s.depth, s.scale, scores, keys, g.k, s.stride(), 0, g.by_q + at, s.stride());
    multiply('T', 'N', keys, rows, s.depth, s.scale, scores, keys, g.q + at, s.stride(), 1, g.by_k, s.stride());
    multiply('T', 'N', keys, rows, s.depth, 1, weights, keys, g.gradient + at, s.stride(), 1, g.by_v, s.stride());
  }
}

// Calls visit(head, its own memory) on the threads of the team. several: how many blocks of scores it keeps.
template <typename Visit>
ffi::Error by_head(ffi::ThreadPool& pool, const Attention& s, int several, const Visit& visit) {
  return take_turn(pool, [&] {
    const int64_t heads = s.batch * s.heads, block = kQueries * s.other + 16, parts = std::min<int64_t>(threads(), heads);
    auto* free = reinterpret_cast<float*>(scratch(parts * several * block * sizeof(float)));
    std::vector<std::string> failed(parts);
    divide(parts, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        try {
          float* own = free + part * several * block;
          for (int64_t head = heads * part / parts; head < heads * (part + 1) / parts; ++head) visit(head, own, own + block);
        } catch (const std::exception& error) {
          failed[part] = error.what();
        }
      }
    });
    for (const std::string& why : failed) {
      if (!why.empty()) throw std::runtime_error(why);
    }
  });
}

Attention sizes(const Array& q, const Array& k, float scale, bool causal) {
  const auto of_q = q.dimensions();
  return {of_q[0], of_q[1], k.dimensions()[1], of_q[2], of_q[3], scale, causal};
}

ffi::Error attention(ffi::ThreadPool pool, Array q, Array k, Array v, ffi::Result<Array> y, ffi::Result<Sums> sums,
                     float scale, bool causal) {
  const Attention s = sizes(q, k, scale, causal);
  return by_head(pool, s, 1, [&](int64_t head, float* scores, float*) {
    attend(s, head, q.typed_data(), k.typed_data(), v.typed_data(), y->typed_data(), sums->typed_data(), scores);
  });
}

ffi::Error attention_gradient(ffi::ThreadPool pool, Array q, Array k, Array v, Array y, Sums sums, Array gradient,
                              ffi::Result<Array> by_q, ffi::Result<Array> by_k, ffi::Result<Array> by_v, float scale,
                              bool causal) {
  const Attention s = sizes(q, k, scale, causal);
  const Gradient g{q.typed_data(),      k.typed_data(),        v.typed_data(),    y.typed_data(),   sums.typed_data(),
                   gradient.typed_data(), by_q->typed_data(), by_k->typed_data(), by_v->typed_data()};
  return by_head(pool, s, 2, [&](int64_t head, float* weights, float* scores) { back(s, head, g, weights, scores); });
}

// What both are given first: query, key and value.
auto reading() { return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Array>().Arg<Array>().Arg<Array>(); }

}  // namespace
}  // namespace graphwright

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_attention, graphwright::attention,
                              graphwright::reading()
                                  .Ret<graphwright::Array>()
                                  .Ret<graphwright::Sums>()
                                  .Attr<float>("scale")
                                  .Attr<bool>("causal"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_attention_gradient, graphwright::attention_gradient,
                              graphwright::reading()
                                  .Arg<graphwright::Array>()
                                  .Arg<graphwright::Sums>()
                                  .Arg<graphwright::Array>()
                                  .Ret<graphwright::Array>()
                                  .Ret<graphwright::Array>()
                                  .Ret<graphwright::Array>()
                                  .Attr<float>("scale")
                                  .Attr<bool>("causal"));
