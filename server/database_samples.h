// What metrics show of the database, of workers, and of what is lost on the way out.
#ifndef LMP_SERVER_DATABASE_SAMPLES_H_
#define LMP_SERVER_DATABASE_SAMPLES_H_

#include "absl/strings/string_view.h"
#include "server/observe/span_exporter.h"
#include "server/samples.h"
#include "server/workers/periodic_task.h"
#include "storage/gauges.h"
#include "storage/mysql/database.h"

namespace lmp::server {

void AddDatabase(const storage::DatabaseCounters& counters, Samples& samples);
void AddGauges(const storage::Gauges& gauges, Samples& samples);
// `worker` is a constant, like "renewals".
void AddWorker(absl::string_view worker, const PeriodicTask::Stats& stats, Samples& samples);
void AddSpans(const observe::SpanExporter::Stats& stats, Samples& samples);

// Samples of one name come one after another: the order in which they were added stays within a name.
void GroupByName(Samples& samples);

}  // namespace lmp::server

#endif  // LMP_SERVER_DATABASE_SAMPLES_H_
