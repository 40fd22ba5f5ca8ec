// The gradient of a convolution by its kernel, of our own: see filter_gradient.cc.
#pragma once

#include "convolution.h"

namespace graphwright {

// Whether it is there for this call, on so many threads, and faster than oneDNN's.
bool has_filter_gradient(const Convolution& g, int64_t threads);

// dk [height, width, channels, filters], of x [batch, height, width, channels] and dy [batch, height, width, filters].
// Called while `turn` is held. Raises std::bad_alloc.
void filter_gradient(const Convolution& g, const float* x, const float* dy, float* dk);

}  // namespace graphwright
