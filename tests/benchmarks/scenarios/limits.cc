#include "tests/benchmarks/scenarios/limits.h"

namespace lmp::bench {

absl::StatusOr<std::unique_ptr<Testbed>> StartApart(const Options& options, const std::vector<std::string>& arguments) {
  Options apart = options;
  apart.server_arguments.insert(apart.server_arguments.end(), arguments.begin(), arguments.end());
  return Testbed::Start(apart);
}

}  // namespace lmp::bench
