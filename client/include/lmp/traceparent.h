#ifndef LMP_TRACEPARENT_H_
#define LMP_TRACEPARENT_H_

#include <string>

namespace lmp::client {

// Begins a trace: a value for the header "traceparent" of the W3C Trace Context, with random ids. If it is sampled, a
// server that exports traces exports those of its calls.
//   "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
std::string NewTraceparent(bool sampled = true);

// The id of the trace that such a value names, its second part; empty if it is no such value.
std::string TraceIdOf(const std::string& traceparent);

}  // namespace lmp::client

#endif  // LMP_TRACEPARENT_H_
