// Pooling of images: the maximum by loops of our own, since oneDNN's loses NaN and -inf; the average by oneDNN.
#include <cmath>
#include <cstring>

#include "primitives.h"
#include "vectors.h"

namespace graphwright {
namespace {

// What a call is, as Python writes it: see framework/kernels/native/pooling.py.
struct Geometry {
  int64_t kind, type, rank, channels_first, batch, channels;
  memory::dims image, window, result, strides, before, behind;

  explicit Geometry(ffi::Span<const int64_t> spec) {
    size_t at = 0;
    for (int64_t* field : {&kind, &type, &rank, &channels_first, &batch, &channels}) *field = spec[at++];
    for (memory::dims* field : {&image, &window, &result, &strides, &before, &behind}) {
      field->assign(spec.begin() + at, spec.begin() + at + rank);
      at += rank;
    }
  }
};

// -- average ----------------------------------------------------------------------------------------------------------

std::unique_ptr<Computation> make_average(ffi::Span<const int64_t> spec) {
  const Geometry g(spec);
  const memory::desc x = images(g.batch, g.channels, g.image, g.type, g.channels_first),
                     y = images(g.batch, g.channels, g.result, g.type, g.channels_first);
  const memory::dims near(g.rank, 0);
  const auto kind = algorithm::pooling_avg_exclude_padding;
  const pooling_forward::primitive_desc forward(host(), prop_kind::forward_training, kind, x, y, g.strides, g.window,
                                                near, g.before, g.behind, with_user_scratchpad());
  if (g.kind == 0) {
    return std::make_unique<Computation>(forward, pooling_forward(forward),
                                         std::vector<Argument>{{DNNL_ARG_SRC, x, x}},
                                         std::vector<Argument>{{DNNL_ARG_DST, y, y}});
  }
  const pooling_backward::primitive_desc found(host(), kind, x, y, g.strides, g.window, near, g.before, g.behind,
                                               forward, with_user_scratchpad());
  return std::make_unique<Computation>(found, pooling_backward(found),
                                       std::vector<Argument>{{DNNL_ARG_DIFF_DST, y, y}},
                                       std::vector<Argument>{{DNNL_ARG_DIFF_SRC, x, x}});
}

ffi::Error average(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::Result<ffi::AnyBuffer> y,
                   ffi::Span<const int64_t> spec) {
  return compute(pool, make_average, spec, {x.untyped_data()}, {y->untyped_data()});
}

// -- maximum ----------------------------------------------------------------------------------------------------------

float read(const float* at) { return *at; }
float read(const uint16_t* at) {  // bfloat16 is the upper half of a float32
  const uint32_t bits = static_cast<uint32_t>(*at) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
void add(float* at, float value) { *at += value; }
void add(uint16_t* at, float value) {
  const float sum = read(at) + value;
  uint32_t bits;
  std::memcpy(&bits, &sum, sizeof bits);
  if (std::isnan(sum)) bits |= 0x00400000u;
  else bits += 0x7fffu + (bits >> 16 & 1u);  // to the nearest, of two the even one
  *at = static_cast<uint16_t>(bits >> 16);
}

// The places of a window that lie inside of the image: offset of the element, and number of the place.
struct Places {
  int64_t offset[256];
  uint8_t number[256];
  int count = 0;
};

// Calls visit(index of the window, its places) for all windows of one image, in row-major order.
template <typename Visit>
void each_window(const Geometry& g, const Visit& visit) {
  int64_t at[3] = {0, 0, 0}, size[3] = {1, 1, 1}, reach[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, pad[3] = {0, 0, 0},
          count[3] = {1, 1, 1};
  for (int64_t axis = 0; axis < g.rank; ++axis) {
    const int64_t k = 3 - g.rank + axis;
    size[k] = g.image[axis], reach[k] = g.window[axis], stride[k] = g.strides[axis], pad[k] = g.before[axis],
    count[k] = g.result[axis];
  }
  int64_t index = 0;
  for (at[0] = 0; at[0] < count[0]; ++at[0])
    for (at[1] = 0; at[1] < count[1]; ++at[1])
      for (at[2] = 0; at[2] < count[2]; ++at[2], ++index) {
        Places places;
        int number = 0;
        for (int64_t d = 0; d < reach[0]; ++d)
          for (int64_t h = 0; h < reach[1]; ++h)
            for (int64_t w = 0; w < reach[2]; ++w, ++number) {
              const int64_t z = at[0] * stride[0] - pad[0] + d, y = at[1] * stride[1] - pad[1] + h,
                            x = at[2] * stride[2] - pad[2] + w;
              if (z < 0 || z >= size[0] || y < 0 || y >= size[1] || x < 0 || x >= size[2]) continue;
              places.offset[places.count] = (z * size[1] + y) * size[2] + x;
              places.number[places.count++] = static_cast<uint8_t>(number);
            }
        visit(index, places);
      }
}

int64_t pixels(const memory::dims& sizes) {
  int64_t product = 1;
  for (int64_t size : sizes) product *= size;
  return product;
}

// Channels in front of the sizes are images of one channel each.
void flatten(const Geometry& g, int64_t* count, int64_t* channels) {
  *count = g.channels_first ? g.batch * g.channels : g.batch;
  *channels = g.channels_first ? 1 : g.channels;
}

template <typename T>
void maximum(const Geometry& g, const T* x, T* y, uint8_t* where) {
  int64_t count, channels;
  flatten(g, &count, &channels);
  const int64_t from = pixels(g.image) * channels, to = pixels(g.result) * channels;
  divide(count, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) {
      const T* image = x + n * from;
      each_window(g, [&](int64_t index, const Places& places) {
        T* result = y + n * to + index * channels;
        uint8_t* position = where + n * to + index * channels;
        int64_t c = 0;
        for (; c + kLanes <= channels; c += kLanes) {
          Vector best = load(image + places.offset[0] * channels + c);
          Integers number = Integers{} + places.number[0];
          for (int place = 1; place < places.count; ++place) {
            const Vector value = load(image + places.offset[place] * channels + c);
            const Integers wins = (value > best) | (value != value);
            best = wins ? value : best;
            number = wins ? Integers{} + places.number[place] : number;
          }
          store(best, result + c);
          store(number, position + c);
        }
        for (; c < channels; ++c) {
          float best = read(image + places.offset[0] * channels + c);
          int winner = 0;
          for (int place = 1; place < places.count; ++place) {
            const float value = read(image + places.offset[place] * channels + c);
            if (value > best || value != value) best = value, winner = place;
          }
          result[c] = image[places.offset[winner] * channels + c];
          position[c] = places.number[winner];
        }
      });
    }
  });
}

template <typename T>
void maximum_gradient(const Geometry& g, const T* gradient, const uint8_t* where, T* x) {
  int64_t count, channels;
  flatten(g, &count, &channels);
  const int64_t to = pixels(g.image) * channels, from = pixels(g.result) * channels;
  divide(count, [&](int64_t first, int64_t last) {
    for (int64_t n = first; n < last; ++n) {
      T* image = x + n * to;
      std::memset(image, 0, to * sizeof(T));
      each_window(g, [&](int64_t index, const Places& places) {
        const T* seen = gradient + n * from + index * channels;
        const uint8_t* position = where + n * from + index * channels;
        for (int place = 0; place < places.count; ++place) {
          T* target = image + places.offset[place] * channels;
          const uint8_t own = places.number[place];
          for (int64_t c = 0; c < channels; ++c) add(target + c, position[c] == own ? read(seen + c) : 0.0f);
        }
      });
    }
  });
}

ffi::Error max_forward(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::Result<ffi::AnyBuffer> y,
                       ffi::Result<ffi::AnyBuffer> where, ffi::Span<const int64_t> spec) {
  const Geometry g(spec);
  auto* position = static_cast<uint8_t*>(where->untyped_data());
  return take_turn(pool, [&] {
    if (g.type == 0) maximum(g, static_cast<const float*>(x.untyped_data()), static_cast<float*>(y->untyped_data()), position);
    else maximum(g, static_cast<const uint16_t*>(x.untyped_data()), static_cast<uint16_t*>(y->untyped_data()), position);
  });
}

ffi::Error max_backward(ffi::ThreadPool pool, ffi::AnyBuffer gradient, ffi::AnyBuffer where,
                        ffi::Result<ffi::AnyBuffer> x, ffi::Span<const int64_t> spec) {
  const Geometry g(spec);
  const auto* position = static_cast<const uint8_t*>(where.untyped_data());
  return take_turn(pool, [&] {
    if (g.type == 0) maximum_gradient(g, static_cast<const float*>(gradient.untyped_data()), position, static_cast<float*>(x->untyped_data()));
    else maximum_gradient(g, static_cast<const uint16_t*>(gradient.untyped_data()), position, static_cast<uint16_t*>(x->untyped_data()));
  });
}

}  // namespace
}  // namespace graphwright

XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_average_pooling, graphwright::average, (graphwright::arrays<1, 1>()));
XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_max_pooling, graphwright::max_forward, (graphwright::arrays<1, 2>()));
XLA_FFI_DEFINE_HANDLER_SYMBOL(graphwright_max_pooling_gradient, graphwright::max_backward, (graphwright::arrays<2, 1>()));

extern "C" int graphwright_has_average_pooling(const int64_t* spec, int64_t length, int threads) {
  return graphwright::is_fast(graphwright::make_average, {spec, static_cast<size_t>(length)}, threads);
}
