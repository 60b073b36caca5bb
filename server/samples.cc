#include "server/samples.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/time/time.h"

namespace lmp::server {

void AddConnections(const storage::ConnectionPool::Stats& pool, Samples& samples) {
  const char* const connections = "Connections to the database";
  AddSample(samples, "lmp_database_connections", connections, {{"state", "in_use"}}, pool.in_use);
  AddSample(samples, "lmp_database_connections", connections, {{"state", "idle"}}, pool.idle);
  AddSample(samples, "lmp_database_connection_waits", "Transactions that wait for a connection", {}, pool.waiting);
  AddSample(samples, "lmp_database_connections_opened_total", "Connections opened since the start", {},
            pool.opened_total);
}

void AddLane(absl::string_view lane, const engine::LaneStats& stats, Samples& samples) {
  const auto add = [&](const char* name, const char* help, auto value) {
    AddSample(samples, name, help, {{"lane", std::string(lane)}}, value);
  };
  add("lmp_queue_calls", "Calls that wait for their turn", stats.waiting);
  add("lmp_queue_bytes", "Requests of the calls that wait", stats.waiting_bytes);
  add("lmp_queue_run_total", "Calls that were taken from the queue to be run", stats.run_total);
  add("lmp_queue_shed_total", "Calls that were refused, as the queue was full", stats.shed_total);
  add("lmp_queue_left_total", "Calls whose caller or deadline had gone before their turn", stats.left_total);
  add("lmp_queue_wait_seconds_total", "Time that calls waited until they were run",
      absl::ToDoubleSeconds(stats.waited));
  add("lmp_batches_total", "Runs, each of one call or more", stats.batches_total);
  add("lmp_batch_statements_total", "Statements that runs sent", stats.statements_total);
  add("lmp_batch_splits_total", "Runs that failed, after which each of their calls was run alone", stats.splits_total);
  add("lmp_queue_set_aside_total",
      "Calls that left their run: another session had their rows locked, or they had too many for it",
      stats.set_aside_total);
  observe::Sample sizes{
      "lmp_batch_calls", "Calls of one run", {{"lane", std::string(lane)}}, static_cast<double>(stats.run_total)};
  uint64_t so_far = 0;
  for (size_t i = 0; i < stats.batch_sizes.size(); ++i) {
    so_far += static_cast<uint64_t>(stats.batch_sizes[i]);
    const bool last = i == engine::LaneStats::kSizeClasses;
    sizes.buckets.emplace_back(last ? std::numeric_limits<double>::infinity() : std::exp2(i), so_far);
  }
  samples.push_back(std::move(sizes));
}

void AddCertificates(const Config& config, Samples& samples) {
  for (const auto& [name, file] :
       {std::pair("tls_cert", config.tls_cert), std::pair("tls_client_ca", config.tls_client_ca)}) {
    const absl::Time expiry = file.empty() ? absl::InfinitePast() : CertificateExpiry(file);
    if (expiry == absl::InfinitePast()) continue;
    AddSample(samples, "lmp_certificate_expiry_timestamp_seconds",
              "Last moment of a certificate's validity, in seconds since 1970", {{"certificate", name}},
              absl::ToDoubleSeconds(expiry - absl::UnixEpoch()));
  }
}

}  // namespace lmp::server
