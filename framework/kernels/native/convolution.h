// What a call of a convolution is, as Python writes it: see framework/kernels/native/convolution.py.
#pragma once

#include "primitives.h"

namespace graphwright {

struct Convolution {
  int64_t kind, type, rank, channels_first, groups, batch, channels, filters;
  memory::dims image, window, result, strides, dilations, before, behind;  // dilations: as oneDNN counts, from 0

  explicit Convolution(ffi::Span<const int64_t> spec) {
    size_t at = 0;
    for (int64_t* field : {&kind, &type, &rank, &channels_first, &groups, &batch, &channels, &filters}) *field = spec[at++];
    for (memory::dims* field : {&image, &window, &result, &strides, &dilations, &before, &behind}) {
      field->assign(spec.begin() + at, spec.begin() + at + rank);
      at += rank;
    }
  }

  // [height, width, channels of a group, filters], as the group and then the filters of a group count them.
  memory::desc kernel() const {
    memory::dims sizes{filters / groups, channels / groups}, strides{1, filters};
    int64_t stride = filters * (channels / groups);
    memory::dims along(rank);
    for (int64_t axis = rank - 1; axis >= 0; --axis) along[axis] = stride, stride *= window[axis];
    sizes.insert(sizes.end(), window.begin(), window.end());
    strides.insert(strides.end(), along.begin(), along.end());
    if (groups > 1) {
      sizes.insert(sizes.begin(), groups);
      strides.insert(strides.begin(), filters / groups);
    }
    return {sizes, element(type), strides};
  }
};

}  // namespace graphwright
