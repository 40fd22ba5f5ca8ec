// The gradient of a convolution by its kernel, on processors where oneDNN's falls behind its other two products (AVX2).
//
//   dk[r, s, c, f] = sum over n, y, x of image[n, y * stride + r, x * stride + s, c] * dy[n, y, x, f]
//
// is for each r and s a product of matrices, whose rows are channels. Sums of a few rows by a few vectors of filters stay
// in registers along some hundred pixels; where an image ends, pixels are left out. Few channels would be few rows: of
// these the images are padded first, so that the channels of a whole line of the kernel lie side by side.
#include "filter_gradient.h"

#include <algorithm>

#include "vectors.h"

namespace graphwright {
namespace {

constexpr int kSums = 12;           // vectors that the registers hold, beside what they are made of
constexpr int64_t kPixels = 256;    // that are summed in registers: what they read of dy stays in the cache
constexpr int64_t kMost = 1 << 24;  // sums of all threads: 64 MiB

// How a convolution is cut: into chunks of some lines of one image, or of some whole images; into panels of filters; and
// into runs, the channels that lie side by side.
struct Plan {
  const Convolution& g;
  int64_t height, width, filters;   // of dy
  int64_t lines, images, chunks;    // of a chunk, and how many
  int64_t across, panels;           // vectors of a panel, and how many
  bool is_padded;                   // whether the images get their zeros first
  int64_t run, runs;                // channels of a run, and how many
  int64_t seen_height, seen_width;  // of the image, or of the padded one
  int64_t above, left;              // zeros that are counted, but not there
  int64_t threads;

  Plan(const Convolution& g, int64_t most_threads)
      : g(g), height(g.result[0]), width(g.result[1]), filters(g.filters) {
    lines = parts(height, parts(height, std::clamp<int64_t>(kPixels / width, 1, height)));
    images = lines < height ? 1 : std::clamp<int64_t>(kPixels / (width * height), 1, g.batch);
    chunks = parts(g.batch, images) * parts(height, lines);
    across = filters > 2 * kLanes ? 4 : filters > kLanes ? 2 : 1;
    panels = parts(filters, across * kLanes);
    is_padded = g.channels < kSums / across && g.window[1] > 1 && g.dilations[1] == 0;
    run = is_padded ? g.window[1] * g.channels : g.channels;
    runs = rows() / run;
    above = is_padded ? 0 : g.before[0], left = is_padded ? 0 : g.before[1];
    seen_height = is_padded ? g.before[0] + g.image[0] + g.behind[0] : g.image[0];
    seen_width = is_padded ? g.before[1] + g.image[1] + g.behind[1] : g.image[1];
    threads = std::min(most_threads, chunks);
  }

  int64_t rows() const { return g.window[0] * g.window[1] * g.channels; }
  int64_t panel() const { return across * kLanes; }
  bool is_packed() const { return panels * panel() != filters || panels > 1; }
  // Floats that are needed: for the padded images, and by each thread for its sums and the dy of a chunk.
  int64_t seen() const { return is_padded ? g.batch * seen_height * seen_width * g.channels : 0; }
  int64_t sums() const { return panels * rows() * panel(); }
  int64_t gradients() const { return is_packed() ? images * lines * width * panels * panel() : 0; }
};

// Pixels [images, lines, pixels], and how far each lies behind the one before, in x and in dy.
struct Pixels {
  const float *x, *dy;
  int64_t images, lines, pixels;
  int64_t x_image, x_line, x_pixel, dy_image, dy_line, dy_pixel;
};

// sums[row, :] += what `rows` elements that lie side by side in each pixel of x contribute to a panel.
template <int across, int rows>
void add(const Pixels& of, float* sums) {
  Vector total[rows][across] = {};
  for (int64_t image = 0; image < of.images; ++image) {
    for (int64_t line = 0; line < of.lines; ++line) {
      const float *x = of.x + image * of.x_image + line * of.x_line, *dy = of.dy + image * of.dy_image + line * of.dy_line;
      for (int64_t pixel = 0; pixel < of.pixels; ++pixel, x += of.x_pixel, dy += of.dy_pixel) {
        Vector factor[across];
        for (int v = 0; v < across; ++v) factor[v] = load(dy + v * kLanes);
        for (int row = 0; row < rows; ++row)
          for (int v = 0; v < across; ++v) total[row][v] += x[row] * factor[v];
      }
    }
  }
  for (int row = 0; row < rows; ++row)
    for (int v = 0; v < across; ++v, sums += kLanes) store(load(sums) + total[row][v], sums);
}

using Add = void (*)(const Pixels&, float*);

template <int across, int rows = kSums / across>
Add adding(int64_t count) {
  if constexpr (rows > 1)
    if (count < rows) return adding<across, rows - 1>(count);
  return add<across, rows>;
}

Add adding(int64_t across, int64_t rows) {
  return across == 4 ? adding<4>(rows) : across == 2 ? adding<2>(rows) : adding<1>(rows);
}

// Which of the places first ... first + count - 1 see an element of the image through the window's element `offset`.
void bound(int64_t stride, int64_t offset, int64_t size, int64_t* first, int64_t* count) {
  const int64_t end = std::min(*first + *count, offset < size ? (size - 1 - offset) / stride + 1 : 0);
  *first = std::max(*first, offset < 0 ? parts(-offset, stride) : 0);
  *count = std::max<int64_t>(0, end - *first);
}

// The images of a part of the batch, with zeros around them.
void pad(const Plan& plan, const float* x, float* padded, int64_t begin, int64_t end) {
  const Convolution& g = plan.g;
  const int64_t from = g.image[1] * g.channels, to = plan.seen_width * g.channels;
  float* image = padded + begin * plan.seen_height * to;
  std::fill(image, padded + end * plan.seen_height * to, 0.0f);
  for (int64_t n = begin; n < end; ++n, image += plan.seen_height * to)
    for (int64_t line = 0; line < g.image[0]; ++line)
      std::copy_n(x + (n * g.image[0] + line) * from, from, image + (line + g.before[0]) * to + g.before[1] * g.channels);
}

// [pixels, filters] as [panel, pixels, filters of a panel], with zeros behind the last.
void pack(const Plan& plan, const float* dy, int64_t pixels, float* to) {
  for (int64_t first = 0; first < plan.filters; first += plan.panel()) {
    const int64_t count = std::min(plan.panel(), plan.filters - first);
    for (int64_t pixel = 0; pixel < pixels; ++pixel, to += plan.panel()) {
      std::copy_n(dy + pixel * plan.filters + first, count, to);
      std::fill(to + count, to + plan.panel(), 0.0f);
    }
  }
}

// sums [panel, row, filters of a panel] of a chunk. own: memory for its dy.
void add_chunk(const Plan& plan, int64_t chunk, const float* x, const float* dy, float* own, float* sums) {
  const Convolution& g = plan.g;
  const int64_t across = parts(plan.height, plan.lines), image = chunk / across * plan.images, from = chunk % across * plan.lines;
  const int64_t images = std::min(plan.images, g.batch - image), lines = std::min(plan.lines, plan.height - from);
  dy += (image * plan.height + from) * plan.width * plan.filters;
  const int64_t pixels = images * lines * plan.width, tiles = parts(plan.run, kSums / plan.across);
  if (plan.is_packed()) pack(plan, dy, pixels, own), dy = own;
  const int64_t dy_pixel = plan.is_packed() ? plan.panel() : plan.filters, line = plan.seen_width * g.channels;
  for (int64_t panel = 0; panel < plan.panels; ++panel, dy += pixels * plan.panel()) {
    for (int64_t k = 0; k < plan.runs; ++k, sums += plan.run * plan.panel()) {
      const int64_t r = plan.is_padded ? k : k / g.window[1], s = plan.is_padded ? 0 : k % g.window[1];
      const int64_t down = r * (g.dilations[0] + 1) - plan.above, right = s * (g.dilations[1] + 1) - plan.left;
      int64_t y = from, height = lines, left = 0, width = plan.width;
      bound(g.strides[0], down, plan.seen_height, &y, &height);
      bound(g.strides[1], right, plan.seen_width, &left, &width);
      Pixels seen{
          x + (image * plan.seen_height + y * g.strides[0] + down) * line + (left * g.strides[1] + right) * g.channels,
          dy + ((y - from) * plan.width + left) * dy_pixel, images, height, width, plan.seen_height * line,
          g.strides[0] * line, g.strides[1] * g.channels, lines * plan.width * dy_pixel, plan.width * dy_pixel, dy_pixel};
      for (int64_t tile = 0; tile < tiles; ++tile) {
        const int64_t first = plan.run * tile / tiles, rows = plan.run * (tile + 1) / tiles - first;
        adding(plan.across, rows)(seen, sums + first * plan.panel());
        seen.x += rows;
      }
    }
  }
}

}  // namespace

bool has_filter_gradient(const Convolution& g, int64_t threads) {
  return g.kind == 2 && g.type == 0 && g.rank == 2 && !g.channels_first && g.groups == 1 &&
         dnnl_get_effective_cpu_isa() < dnnl_cpu_isa_avx512_core && threads * Plan(g, threads).sums() <= kMost;
}

void filter_gradient(const Convolution& g, const float* x, const float* dy, float* dk) {
  const Plan plan(g, threads());
  const int64_t each = plan.sums() + plan.gradients();
  auto* own = reinterpret_cast<float*>(scratch((plan.threads * each + plan.seen()) * sizeof(float)));
  if (plan.is_padded) {
    float* padded = own + plan.threads * each;
    divide(g.batch, [&](int64_t begin, int64_t end) { pad(plan, x, padded, begin, end); });
    x = padded;
  }
  divide(plan.threads, [&](int64_t begin, int64_t end) {
    for (int64_t thread = begin; thread < end; ++thread) {
      float* sums = own + thread * each;
      std::fill_n(sums, plan.sums(), 0.0f);
      for (int64_t chunk = plan.chunks * thread / plan.threads; chunk < plan.chunks * (thread + 1) / plan.threads; ++chunk)
        add_chunk(plan, chunk, x, dy, sums + plan.sums(), sums);
    }
  });
  divide(plan.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t f = 0; f < plan.filters; ++f) {
        const float* sums = own + (f / plan.panel() * plan.rows() + row) * plan.panel() + f % plan.panel();
        float total = 0;
        for (int64_t thread = 0; thread < plan.threads; ++thread) total += sums[thread * each];
        dk[row * plan.filters + f] = total;
      }
    }
  });
}

}  // namespace graphwright
