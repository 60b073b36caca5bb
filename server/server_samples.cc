#include "server/database_samples.h"
#include "server/observe/log.h"
#include "server/server.h"

namespace lmp::server {

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
