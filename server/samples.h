// What metrics show beside the calls: what need not be counted, as it can be asked for when somebody wants to know.
#ifndef LMP_SERVER_SAMPLES_H_
#define LMP_SERVER_SAMPLES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/config.h"
#include "server/engine/lane_stats.h"
#include "server/observe/endpoint.h"
#include "storage/mysql/connection_pool.h"

namespace lmp::server {

using Samples = std::vector<observe::Sample>;
using Labels = std::vector<std::pair<std::string, std::string>>;

template <class Number>
void AddSample(Samples& samples, const char* name, const char* help, Labels labels, Number value) {
  samples.push_back({name, help, std::move(labels), static_cast<double>(value)});
}

void AddConnections(const storage::ConnectionPool::Stats& pool, Samples& samples);
void AddLane(absl::string_view lane, const engine::LaneStats& stats, Samples& samples);
void AddCertificates(const Config& config, Samples& samples);

}  // namespace lmp::server

#endif  // LMP_SERVER_SAMPLES_H_
