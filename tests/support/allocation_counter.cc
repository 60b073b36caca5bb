#include "tests/support/allocation_counter.h"

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace lmp::testing {
namespace {

constexpr int kFrames = 40;
constexpr int kOwnFrames = 2;  // Remember and operator new itself, at most
constexpr int kShownFrames = 4;

struct Stack {
  std::array<void*, kFrames> frames;
  int depth = 0;
  int64_t count = 0;
};

thread_local bool counting = false;
thread_local int64_t counted = 0;
std::atomic<bool> tracing = false;
// Not a container: it would allocate. As many different stacks as a call has and to spare; more are not told apart.
std::array<Stack, 8192> stacks_seen;
int stacks_used = 0;
std::atomic_flag stacks_lock = ATOMIC_FLAG_INIT;

void Remember() {
  Stack stack;
  stack.depth = backtrace(stack.frames.data(), kFrames);
  while (stacks_lock.test_and_set(std::memory_order_acquire)) {
  }
  int i = 0;
  while (i < stacks_used && !(stacks_seen[static_cast<size_t>(i)].depth == stack.depth &&
                              std::equal(stack.frames.begin(), stack.frames.begin() + stack.depth,
                                         stacks_seen[static_cast<size_t>(i)].frames.begin()))) {
    ++i;
  }
  if (i == stacks_used && i + 1 < static_cast<int>(stacks_seen.size())) {
    stacks_seen[static_cast<size_t>(i)] = stack;
    ++stacks_used;
  }
  ++stacks_seen[static_cast<size_t>(i)].count;
  stacks_lock.clear(std::memory_order_release);
}

void* Allocate(size_t size, size_t alignment) noexcept {
  if (counting) {
    ++counted;
    if (tracing) {
      counting = false;  // whatever backtrace() does
      Remember();
      counting = true;
    }
  }
  if (size == 0) size = 1;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* AllocateOrThrow(size_t size, size_t alignment) {
  void* const memory = Allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// "lmp::engine::SliceOf(…)  slice.cc:20", innermost first, what is inlined too; nothing for what is not ours.
using Names = std::map<const void*, std::vector<std::string>>;

void AddName(absl::string_view line, std::vector<std::string>& names) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, " at ");
  const absl::string_view name = parts[0].substr(0, parts[0].find('('));
  for (absl::string_view library : {"std::", "absl::", "__", "decltype", "google::"}) {
    if (absl::StartsWith(name, library)) return;
  }
  if (!absl::StrContains(line, "lmp::") || absl::StrContains(name, " std::") || absl::StrContains(name, " absl::") ||
      absl::StartsWith(name, "lmp::testing::")) {
    return;
  }
  const absl::string_view function = parts[0].substr(0, 110);
  const absl::string_view where = parts.back().substr(0, parts.back().find(' '));
  names.push_back(absl::StrCat(function, function.size() < parts[0].size() ? "…" : "", "  ", where));
}

// Asks addr2line, once for each file that code was loaded from.
Names NamesOf(const std::vector<Stack>& stacks) {
  std::map<std::string, std::map<uintptr_t, const void*>> by_file;
  for (const Stack& stack : stacks) {
    for (int i = kOwnFrames; i < stack.depth; ++i) {
      const void* frame = stack.frames[static_cast<size_t>(i)];
      Dl_info info;
      if (dladdr(frame, &info) == 0) continue;
      if (absl::StrContains(info.dli_fname, "/libstdc++") || absl::StrContains(info.dli_fname, "/libc.so")) continue;
      // Of a call the return address is known; one before is the call.
      const uintptr_t base = reinterpret_cast<uintptr_t>(info.dli_fbase);
      by_file[info.dli_fname][reinterpret_cast<uintptr_t>(frame) - base - 1] = frame;
    }
  }
  Names names;
  for (const auto& [file, addresses] : by_file) {
    std::string command = absl::StrCat("addr2line -a -C -f -i -p -s -e '", file, "'");
    for (const auto& [address, frame] : addresses) absl::StrAppend(&command, " 0x", absl::Hex(address));
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) continue;
    std::vector<std::string>* of_frame = nullptr;
    char* line = nullptr;
    size_t capacity = 0;
    while (getline(&line, &capacity, pipe) > 0) {
      absl::string_view text = absl::StripAsciiWhitespace(line);
      if (absl::StartsWith(text, "0x")) {
        const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(": ", 1));
        uintptr_t address = 0;
        if (!absl::SimpleHexAtoi(parts.first, &address) || addresses.count(address) == 0) continue;
        of_frame = &names[addresses.at(address)];
        text = parts.second;
      }
      absl::ConsumePrefix(&text, "(inlined by) ");
      if (of_frame != nullptr) AddName(text, *of_frame);
    }
    std::free(line);
    pclose(pipe);
  }
  return names;
}

}  // namespace

void StartCounting() {
  counted = 0;
  counting = true;
}

int64_t StopCounting() {
  counting = false;
  return counted;
}

int64_t Forgive(int64_t counted, int64_t expected, int percent) {
  return std::abs(counted - expected) * 100 <= expected * percent ? expected : counted;
}

void StartTracing() {
  void* frame = nullptr;
  backtrace(&frame, 1);  // loads its library
  tracing = true;
}

std::string StopTracing(int stacks) {
  tracing = false;
  const std::vector<Stack> seen(stacks_seen.begin(), stacks_seen.begin() + stacks_used);
  for (Stack& stack : stacks_seen) stack.count = 0;
  stacks_used = 0;
  const Names names = NamesOf(seen);
  std::map<std::string, int64_t> by_text;  // however the library came to it
  for (const Stack& stack : seen) {
    std::string text;
    int shown = 0;
    for (int i = kOwnFrames; i < stack.depth; ++i) {
      const auto of_frame = names.find(stack.frames[static_cast<size_t>(i)]);
      if (of_frame == names.end()) continue;
      for (const std::string& name : of_frame->second) {
        if (shown++ < kShownFrames) absl::StrAppend(&text, "      ", name, "\n");
      }
    }
    by_text[text] += stack.count;
  }
  std::vector<std::pair<int64_t, std::string>> most;
  for (const auto& [text, count] : by_text) most.emplace_back(count, text);
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string all;
  for (size_t i = 0; i < most.size() && i < static_cast<size_t>(stacks); ++i) {
    absl::StrAppend(&all, most[i].first, " x\n", most[i].second);
  }
  return all;
}

}  // namespace lmp::testing

using lmp::testing::Allocate;
using lmp::testing::AllocateOrThrow;

void* operator new(size_t size) { return AllocateOrThrow(size, 1); }
void* operator new[](size_t size) { return AllocateOrThrow(size, 1); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size, 1); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size, 1); }
void* operator new(size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Allocate(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { std::free(memory); }
