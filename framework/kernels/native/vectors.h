// Vectors of float32 as long as the processor's registers.
#pragma once

#include <cstring>

namespace graphwright {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

inline Vector load(const float* from) {
  Vector found;
  std::memcpy(&found, from, sizeof found);
  return found;
}
inline void store(const Vector& what, float* to) { std::memcpy(to, &what, sizeof what); }

}  // namespace graphwright
