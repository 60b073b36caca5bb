#include "server/observe/trace_context.h"

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

namespace lmp::observe {
namespace {

constexpr size_t kLength = 55;  // 00-<32 digits>-<16 digits>-<2 digits>

// Reads digits in lower case, as the standard demands; returns nothing if there is anything else.
std::optional<uint64_t> Hex(absl::string_view digits) {
  uint64_t number = 0;
  for (const char c : digits) {
    const bool is_letter = c >= 'a' && c <= 'f';
    if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
    number = number << 4 | static_cast<uint64_t>(is_letter ? c - 'a' + 10 : c - '0');
  }
  return number;
}

uint64_t NewId() {
  thread_local absl::InsecureBitGen random;  // ids need to differ, and may be guessed
  return absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, UINT64_MAX);
}

std::string Digits(uint64_t number) { return absl::StrCat(absl::Hex(number, absl::kZeroPad16)); }

}  // namespace

std::string TraceContext::trace_id() const { return absl::StrCat(Digits(trace_high), Digits(trace_low)); }
std::string TraceContext::span_id() const { return Digits(span); }

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  const std::optional<uint64_t> version = Hex(header.substr(0, 2));
  const std::optional<uint64_t> high = Hex(header.substr(3, 16));
  const std::optional<uint64_t> low = Hex(header.substr(19, 16));
  const std::optional<uint64_t> parent = Hex(header.substr(36, 16));
  const std::optional<uint64_t> flags = Hex(header.substr(53, 2));
  if (!version.has_value() || !high.has_value() || !low.has_value() || !parent.has_value() || !flags.has_value()) {
    return std::nullopt;
  }
  constexpr uint64_t kNoVersion = 0xff;
  const bool longer = header.size() > kLength;
  if (*version == kNoVersion || (longer && (*version == 0 || header[kLength] != '-'))) return std::nullopt;
  if ((*high | *low) == 0 || *parent == 0) return std::nullopt;
  return TraceContext{.trace_high = *high, .trace_low = *low, .parent = *parent, .sampled = (*flags & 1) != 0};
}

TraceContext ContextOf(absl::string_view header, bool sample) {
  TraceContext context = ParseTraceparent(header).value_or(TraceContext());
  if (context.parent == 0) context = {.trace_high = NewId(), .trace_low = NewId(), .sampled = sample};
  context.span = NewId();
  return context;
}

TraceContext ChildOf(const TraceContext& context) {
  TraceContext child = context;
  child.parent = context.span;
  child.span = NewId();
  return child;
}

}  // namespace lmp::observe
