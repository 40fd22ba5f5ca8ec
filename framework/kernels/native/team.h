// The threads that compute: one team for the whole process, as many as XLA has, whoever calls.
//
// oneDNN as it comes from PyPI is built against OpenMP, which would keep a team of its own for each thread of XLA that
// calls it, and let the others spin while XLA works. So the entry points of OpenMP that oneDNN uses are in team.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

namespace graphwright {

// Held by whoever computes: calls from several devices, or branches of one program, take turns.
std::mutex& turn();

// How many threads a call is divided among; set while `turn` is held.
int threads();
void set_threads(int count);

// Calls body(first, last) for parts of [0, count) on the threads of the team.
void divide(int64_t count, const std::function<void(int64_t, int64_t)>& body);

}  // namespace graphwright
