#include "server/observe/endpoint.h"

#include <exception>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lmp::observe {

class Endpoint::Samples final : public prometheus::Collectable {
 public:
  explicit Samples(std::function<std::vector<Sample>()> samples) : samples_(std::move(samples)) {}

  // Samples of one name must come one after another.
  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> families;
    for (const Sample& sample : samples_()) {
      const bool grows = absl::EndsWith(sample.name, "_total");
      if (families.empty() || families.back().name != sample.name) {
        const auto type = !sample.buckets.empty() ? prometheus::MetricType::Histogram
                          : grows                 ? prometheus::MetricType::Counter
                                                  : prometheus::MetricType::Gauge;
        families.push_back({sample.name, sample.help, type, {}});
      }
      prometheus::ClientMetric metric;
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      if (!sample.buckets.empty()) {
        metric.histogram.sample_sum = sample.value;
        metric.histogram.sample_count = sample.buckets.back().second;
        for (const auto& [bound, count] : sample.buckets) metric.histogram.bucket.push_back({count, bound});
      } else {
        (grows ? metric.counter.value : metric.gauge.value) = sample.value;
      }
      families.back().metric.push_back(std::move(metric));
    }
    return families;
  }

 private:
  const std::function<std::vector<Sample>()> samples_;
};

absl::StatusOr<std::unique_ptr<Endpoint>> Endpoint::Open(const std::string& listen,
                                                         std::shared_ptr<prometheus::Registry> registry,
                                                         std::function<std::vector<Sample>()> samples) {
  std::unique_ptr<Endpoint> endpoint;
  try {
    endpoint.reset(new Endpoint(listen));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("can't listen on ", listen, " for metrics: is the port in use? (", error.what(), ")"));
  }
  endpoint->registry_ = std::move(registry);
  endpoint->samples_ = std::make_shared<Samples>(std::move(samples));
  endpoint->exposer_.RegisterCollectable(endpoint->registry_);
  endpoint->exposer_.RegisterCollectable(endpoint->samples_);
  return endpoint;
}

int Endpoint::port() const {
  const std::vector<int> ports = exposer_.GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace lmp::observe
