#include "server/database_samples.h"
#include "server/gate_samples.h"
#include "server/observe/log.h"
#include "server/server.h"
#include "server/version.h"

namespace lmp::server {

std::vector<observe::Sample> Server::Samples() {
  server::Samples samples = {{"lmp_build_info", "1, with the version", {{"version", Version()}}, 1},
                             {"lmp_ready", "1 if calls are served, 0 if not", {}, serving_ ? 1.0 : 0.0},
                             {"lmp_calls_under_way",
                              "Calls that have not been answered yet",
                              {},
                              static_cast<double>(admission_.under_way())}};
  AddSample(samples, "lmp_watchers", "Streams of events that are open", {}, feed_.watchers());
  AddConnections(database_.pool().stats(), samples);
  AddLane("writes", writes_.stats(), samples);
  AddLane("reads", reads_.stats(), samples);
  AddLane("lists", lists_.stats(), samples);
  AddLane("checks", checks_.stats(), samples);
  AddLane("streams", streams_.stats(), samples);
  AddInnerSamples(samples);
  AddCertificates(config_, samples);
  AddGate(*gate_, reloads_, samples);
  return samples;
}

// What happens behind the calls: in the database, in workers, and on the way out.
void Server::AddInnerSamples(std::vector<observe::Sample>& samples) {
  AddDatabase(database_.counters(), samples);
  AddWorker("renewals", time_worker_.stats(), samples);
  AddWorker("requests", request_expiry_.stats(), samples);
  AddWorker("tokens", token_expiry_.stats(), samples);
  AddWorker("archive", event_archive_.stats(), samples);
  AddWorker("retention", history_retention_.stats(), samples);
  AddWorker("erasures", customer_eraser_.stats(), samples);
  if (const auto gauges = gauges_.Latest(); gauges.has_value()) AddGauges(*gauges, samples);
  AddSpans(spans_ == nullptr ? observe::SpanExporter::Stats() : spans_->stats(), samples);
  AddSample(samples, "lmp_log_lines_dropped_total", "Lines of the log that nobody took in time", {}, LogLinesDropped());
  GroupByName(samples);
}

}  // namespace lmp::server
