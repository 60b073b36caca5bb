#include "lmp/traceparent.h"

#include <cstdint>

#include "absl/strings/str_format.h"
#include "lmp/connection.h"

namespace lmp::client {
namespace {

constexpr size_t kLength = 55;  // 00-<32 digits>-<16 digits>-<2 digits>

uint64_t RandomId() {
  const uint64_t number = Environment::Real().random();
  return number == 0 ? 1 : number;  // 0 stands for no id
}

}  // namespace

std::string NewTraceparent(bool sampled) {
  return absl::StrFormat("00-%016x%016x-%016x-%02d", RandomId(), RandomId(), RandomId(), sampled ? 1 : 0);
}

std::string TraceIdOf(const std::string& traceparent) {
  if (traceparent.size() < kLength || traceparent[2] != '-' || traceparent[35] != '-') return "";
  return traceparent.substr(3, 32);
}

}  // namespace lmp::client
