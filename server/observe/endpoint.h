// The HTTP endpoint from which Prometheus fetches metrics: http://HOST:PORT/metrics.
#ifndef LMP_SERVER_OBSERVE_ENDPOINT_H_
#define LMP_SERVER_OBSERVE_ENDPOINT_H_

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace lmp::observe {

// A value that is read at each fetch.
struct Sample {
  std::string name;  // like "lmp_database_connections"; a value whose name ends with _total only grows
  std::string help;
  std::vector<std::pair<std::string, std::string>> labels;
  double value;  // of a histogram: the sum
  // Of a histogram: how many values were at most as large as each bound, from the smallest; the last one is infinite.
  std::vector<std::pair<double, uint64_t>> buckets = {};
};

class Endpoint final {
 public:
  // The endpoint's threads call `samples` until the endpoint is destroyed. Errors: UNAVAILABLE if the address can't be
  // listened at.
  static absl::StatusOr<std::unique_ptr<Endpoint>> Open(const std::string& listen,
                                                        std::shared_ptr<prometheus::Registry> registry,
                                                        std::function<std::vector<Sample>()> samples);
  int port() const;

 private:
  class Samples;

  explicit Endpoint(const std::string& listen) : exposer_(listen, /*num_threads=*/2) {}

  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<Samples> samples_;
  prometheus::Exposer exposer_;
};

}  // namespace lmp::observe

#endif  // LMP_SERVER_OBSERVE_ENDPOINT_H_
