#include "primitives.h"

#include <cstdlib>
#include <unordered_map>

namespace graphwright {
namespace {

constexpr size_t kAlignment = 64, kMostComputations = 1024;

size_t aligned(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

stream& queue() {
  static stream* one = new stream(host());
  return *one;
}

}  // namespace

char* scratch(size_t bytes) {
  static char* held = nullptr;
  static size_t size = 0;
  if (bytes > size) {
    std::free(held);
    held = static_cast<char*>(std::aligned_alloc(kAlignment, aligned(bytes)));
    size = held ? aligned(bytes) : 0;
    if (!held) throw std::bad_alloc();
  }
  return held;
}

const engine& host() {
  static engine* one = new engine(engine::kind::cpu, 0);
  return *one;
}

primitive_attr with_user_scratchpad() {
  primitive_attr settings;
  settings.set_scratchpad_mode(scratchpad_mode::user);
  return settings;
}

memory::data_type element(int64_t type) { return type == 0 ? memory::data_type::f32 : memory::data_type::bf16; }

memory::desc images(int64_t batch, int64_t channels, const memory::dims& sizes, int64_t type, bool channels_first) {
  memory::dims all{batch, channels}, strides(2 + sizes.size());
  all.insert(all.end(), sizes.begin(), sizes.end());
  int64_t stride = channels_first ? 1 : channels;
  for (size_t axis = sizes.size(); axis-- > 0;) strides[2 + axis] = stride, stride *= sizes[axis];
  strides[1] = channels_first ? stride : 1;
  strides[0] = channels_first ? stride * channels : stride;
  return {all, element(type), strides};
}

Computation::Computation(const primitive_desc_base& description, primitive made, std::vector<Argument> inputs,
                         std::vector<Argument> outputs)
    : primitive_(std::move(made)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      scratchpad_(description.query_md(query::scratchpad_md)) {
  const auto add = [](std::vector<reorder>& reorders, const memory::desc& from, const memory::desc& to) {
    reorders.emplace_back(reorder::primitive_desc(host(), from, host(), to));
  };
  scratch_ = 0;
  for (const Argument& a : inputs_) {
    if (a.given == a.taken) continue;
    add(before_, a.given, a.taken);
    scratch_ += aligned(a.taken.get_size());
  }
  for (const Argument& a : outputs_) {
    if (a.given == a.taken) continue;
    add(behind_, a.taken, a.given);
    scratch_ += aligned(a.taken.get_size());
  }
  scratch_ += aligned(scratchpad_.get_size());
  is_fast_ = std::string(description.impl_info_str()).find("ref") == std::string::npos;
}

void Computation::operator()(const std::vector<void*>& inputs, const std::vector<void*>& outputs) {
  char* free = scratch(scratch_);
  const auto take = [&](size_t bytes) {
    char* taken = free;
    free += aligned(bytes);
    return taken;
  };
  std::unordered_map<int, memory> arguments;
  std::vector<std::pair<memory, memory>> waiting;  // outputs that are brought into order behind the computation
  std::vector<std::pair<memory, memory>> first;
  for (size_t k = 0; k < inputs_.size(); ++k) {
    const Argument& a = inputs_[k];
    memory given(a.given, host(), inputs[k]);
    if (a.given == a.taken) {
      arguments.emplace(a.number, given);
    } else {
      memory taken(a.taken, host(), take(a.taken.get_size()));
      first.emplace_back(given, taken);
      arguments.emplace(a.number, taken);
    }
  }
  for (size_t k = 0; k < outputs_.size(); ++k) {
    const Argument& a = outputs_[k];
    memory given(a.given, host(), outputs[k]);
    if (a.given == a.taken) {
      arguments.emplace(a.number, given);
    } else {
      memory taken(a.taken, host(), take(a.taken.get_size()));
      waiting.emplace_back(taken, given);
      arguments.emplace(a.number, taken);
    }
  }
  const auto move = [&](reorder& reorder, std::pair<memory, memory>& pair) {
    reorder.execute(queue(), pair.first, pair.second);
  };
  for (size_t k = 0; k < first.size(); ++k) move(before_[k], first[k]);
  arguments.emplace(DNNL_ARG_SCRATCHPAD, memory(scratchpad_, host(), free));
  primitive_.execute(queue(), arguments);
  for (size_t k = 0; k < waiting.size(); ++k) move(behind_[k], waiting[k]);
}

ffi::Error compute(ffi::ThreadPool& pool, Maker make, ffi::Span<const int64_t> spec, const std::vector<void*>& inputs,
                   const std::vector<void*>& outputs) {
  static auto* made = new std::unordered_map<std::string, std::unique_ptr<Computation>>;
  const int count = static_cast<int>(pool.num_threads());
  std::string key(reinterpret_cast<const char*>(&make), sizeof make);
  key.append(reinterpret_cast<const char*>(&count), sizeof count);
  key.append(reinterpret_cast<const char*>(spec.begin()), spec.size() * sizeof(int64_t));
  const std::lock_guard<std::mutex> lock(turn());
  try {
    set_threads(count);
    auto found = made->find(key);
    if (found == made->end()) {
      if (made->size() >= kMostComputations) made->clear();
      found = made->emplace(key, make(spec)).first;
    }
    (*found->second)(inputs, outputs);
    return ffi::Error::Success();
  } catch (const std::exception& error) {
    return ffi::Error::Internal(std::string("oneDNN: ") + error.what());
  }
}

bool is_fast(Maker make, ffi::Span<const int64_t> spec, int count) {
  const std::lock_guard<std::mutex> lock(turn());
  try {
    set_threads(count);
    return make(spec)->is_fast();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace graphwright

// As 1000 * major + minor.
extern "C" int graphwright_onednn_version() {
  const dnnl_version_t* found = dnnl_version();
  return found->major * 1000 + found->minor;
}

// Whether the processor has the instructions that oneDNN is fast with.
extern "C" int graphwright_has_avx2() { return dnnl_get_effective_cpu_isa() >= dnnl_cpu_isa_avx2; }
