// Vectors of numbers: as many as the processor's registers hold of float32.
#pragma once

#include <cstdint>
#include <cstring>

namespace graphwright {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));
using Integers = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));
using Halves = uint16_t __attribute__((vector_size(kLanes * sizeof(uint16_t))));
using Bytes = uint8_t __attribute__((vector_size(kLanes * sizeof(uint8_t))));

// How many parts of a size hold so many elements, the last perhaps not full.
inline int64_t parts(int64_t count, int64_t size) { return (count + size - 1) / size; }

// A vector of what lies there, wherever that begins.
template <typename T>
T load_as(const void* from) {
  T found;
  std::memcpy(&found, from, sizeof found);
  return found;
}
inline Vector load(const float* from) { return load_as<Vector>(from); }
inline void store(const Vector& what, float* to) { std::memcpy(to, &what, sizeof what); }

// bfloat16 is the upper half of a float32; what is stored so was loaded so.
inline Vector load(const uint16_t* from) {
  const Integers bits = __builtin_convertvector(load_as<Halves>(from), Integers) << 16;
  return load_as<Vector>(&bits);
}
inline void store(const Vector& what, uint16_t* to) {
  const Halves upper = __builtin_convertvector(load_as<Integers>(&what) >> 16, Halves);
  std::memcpy(to, &upper, sizeof upper);
}
// Numbers below 256.
inline void store(const Integers& what, uint8_t* to) {
  const Bytes lower = __builtin_convertvector(what, Bytes);
  std::memcpy(to, &lower, sizeof lower);
}

}  // namespace graphwright
