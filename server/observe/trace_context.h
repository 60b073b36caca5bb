// Whose trace a call belongs to: the W3C Trace Context (https://www.w3.org/TR/trace-context/).
#ifndef LMP_SERVER_OBSERVE_TRACE_CONTEXT_H_
#define LMP_SERVER_OBSERVE_TRACE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace lmp::observe {

struct TraceContext {
  uint64_t trace_high = 0, trace_low = 0;  // the id of the trace; not both are 0
  uint64_t span = 0;                       // the id of our own span; not 0
  uint64_t parent = 0;                     // the id of the caller's span; 0: the trace begins here
  bool sampled = false;                    // its spans are to be exported

  bool operator==(const TraceContext&) const = default;
  std::string trace_id() const;  // 32 hexadecimal digits
  std::string span_id() const;   // 16 hexadecimal digits
};

// Reads the header `traceparent`; returns nothing if it is not valid. `parent` is then the caller's span, and `span` is
// not set. A version that is newer than 00 is read as far as 00 goes, as the standard asks.
std::optional<TraceContext> ParseTraceparent(absl::string_view header);

// The context of a call: in the trace of its caller, if `header` names one, else in a new one that is sampled if
// `sample` says so. Either way our own span is a new one.
TraceContext ContextOf(absl::string_view header, bool sample);

// A span of ours below the span of `context`.
TraceContext ChildOf(const TraceContext& context);

}  // namespace lmp::observe

#endif  // LMP_SERVER_OBSERVE_TRACE_CONTEXT_H_
