#include "server/observe/call_log.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace lmp::observe {
namespace {

// FNV-1a: the same on every server, so that all of them log the same calls.
uint64_t HashOf(absl::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash ^ hash >> 32;
}

}  // namespace

absl::StatusOr<CallLogOptions> ParseCallLog(absl::string_view which, int slow_ms) {
  CallLogOptions options{.slow = absl::Milliseconds(slow_ms)};
  if (which == "all") return options;
  options.one_of = 0;
  if (which == "errors") return options;
  if (which == "slow") {
    options.errors = false;
    return options;
  }
  absl::string_view number = which;
  if (absl::ConsumePrefix(&number, "sample:") && absl::SimpleAtoi(number, &options.one_of) && options.one_of >= 1) {
    return options;
  }
  return absl::InvalidArgumentError(absl::StrCat("--log-calls ", which, ": must be all, slow, errors, or sample:N"));
}

void CallLog::Set(const CallLogOptions& options) {
  one_of_.store(options.one_of, kRelaxed);
  errors_.store(options.errors, kRelaxed);
  slow_us_.store(absl::ToInt64Microseconds(options.slow), kRelaxed);
}

bool CallLog::Wants(bool ok, absl::string_view id) const {
  if (!ok && errors_.load(kRelaxed)) return true;
  const int64_t one_of = one_of_.load(kRelaxed);
  return one_of == 1 || (one_of > 1 && HashOf(id) % static_cast<uint64_t>(one_of) == 0);
}

}  // namespace lmp::observe
