// B14: what it costs to know who calls. CheckLicense by a caller that brings nothing, an API key, a token (JWT, RS256)
// or a client certificate, on servers over one database.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_AUTHENTICATION_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_AUTHENTICATION_H_

#include "absl/status/status.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// Round by round, each form once, at the judged number of callers.
absl::Status MeasureAuthentication(Testbed& testbed);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_AUTHENTICATION_H_
