#include "server/database_samples.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace lmp::server {
namespace {

double Seconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

// Of something that may not be: then there is no sample.
void AddTime(Samples& samples, const char* name, const char* help, Labels labels, absl::Time time) {
  if (time != absl::InfiniteFuture()) AddSample(samples, name, help, std::move(labels), Seconds(time));
}

}  // namespace

void AddDatabase(const storage::DatabaseCounters& counters, Samples& samples) {
  AddSample(samples, "lmp_database_deadlocks_total", "Transactions that the database ended as the victim of a deadlock",
            {}, counters.deadlocks.load());
  AddSample(samples, "lmp_database_lock_timeouts_total", "Waits for the lock of a row that were given up", {},
            counters.lock_timeouts.load());
  AddSample(samples, "lmp_database_reruns_total", "Runs of a transaction after its first", {}, counters.reruns.load());
  AddSample(samples, "lmp_database_unknown_outcomes_total",
            "COMMITs that got no answer; what became of them was looked up", {}, counters.unknown_outcomes.load());
  AddSample(samples, "lmp_database_connections_lost_total", "Connections that were found broken", {},
            counters.connections_lost.load());
  for (const storage::StatementStats::Counters* one : counters.statements.All()) {
    const Labels labels = {{"statement", one->name()}};
    AddSample(samples, "lmp_statements_total", "Statements sent, by verb and first table", labels, one->count.load());
    AddSample(samples, "lmp_statement_failures_total", "Statements that failed, deadlocks included", labels,
              one->failed.load());
    AddSample(samples, "lmp_statement_rows_total", "Rows that were read, or matched by an update", labels,
              one->rows.load());
    AddSample(samples, "lmp_statement_seconds_total", "Time in statements, the way there and back included", labels,
              static_cast<double>(one->nanoseconds.load()) / 1e9);
  }
}

void AddGauges(const storage::Gauges& gauges, Samples& samples) {
  AddSample(samples, "lmp_licenses_due", "Licenses whose renewal, change or end is not stored yet, 10 000 at most", {},
            gauges.due_licenses);
  AddSample(samples, "lmp_licenses_overdue_seconds", "Since when the oldest of them is due, in whole days", {},
            gauges.due_days * 86400);
  AddSample(samples, "lmp_events_unnumbered", "Events that have no place in the history yet, 10 000 at most", {},
            gauges.events_unnumbered);
  const char* const pools = "License pools: all that have units, and those with little or nothing left";
  AddSample(samples, "lmp_license_pools", pools, {{"state", "all"}}, gauges.pools);
  AddSample(samples, "lmp_license_pools", pools, {{"state", "near_end"}}, gauges.pools_near_end);
  AddSample(samples, "lmp_license_pools", pools, {{"state", "used_up"}}, gauges.pools_used_up);
  const char* const rows = "Rows, by the database's own estimate";
  AddSample(samples, "lmp_table_rows", rows, {{"table", "requests"}}, gauges.requests);
  AddSample(samples, "lmp_table_rows", rows, {{"table", "events"}}, gauges.events);
  AddSample(samples, "lmp_table_rows", rows, {{"table", "events_archive"}}, gauges.archived_events);
  AddTime(samples, "lmp_oldest_request_timestamp_seconds",
          "When the oldest answer was given that is kept by its request_id, in seconds since 1970", {},
          gauges.oldest_request);
  const char* const keys = "When the next of the active API keys ends, by what it is bound to, in seconds since 1970";
  AddTime(samples, "lmp_api_key_expiry_timestamp_seconds", keys, {{"bound_to", "nothing"}},
          gauges.next_unbound_key_end);
  AddTime(samples, "lmp_api_key_expiry_timestamp_seconds", keys, {{"bound_to", "partner"}},
          gauges.next_partner_key_end);
}

void AddWorker(absl::string_view worker, const PeriodicTask::Stats& stats, Samples& samples) {
  if (!stats.started) return;
  const Labels labels = {{"worker", std::string(worker)}};
  AddSample(samples, "lmp_worker_passes_total", "Passes that ended well", labels, stats.passes);
  AddSample(samples, "lmp_worker_failures_total", "Passes that failed", labels, stats.failures);
  AddSample(samples, "lmp_worker_done_total",
            "What passes did: customers brought up to date, answers and tokens deleted, events archived or erased",
            labels, stats.done);
  AddSample(samples, "lmp_worker_period_seconds", "Time between two passes", labels,
            absl::ToDoubleSeconds(stats.period));
  AddSample(samples, "lmp_worker_last_pass_timestamp_seconds",
            "When the last pass ended well, or the worker was started, in seconds since 1970", labels,
            Seconds(stats.last_pass));
}

void AddSpans(const observe::SpanExporter::Stats& stats, Samples& samples) {
  AddSample(samples, "lmp_spans_waiting", "Spans that wait to be exported", {}, stats.waiting);
  AddSample(samples, "lmp_spans_exported_total", "Spans that the collector took", {}, stats.exported);
  const char* const dropped = "Spans that were dropped: too many waited, the collector failed, or it refused them";
  AddSample(samples, "lmp_spans_dropped_total", dropped, {{"reason", "full"}}, stats.full);
  AddSample(samples, "lmp_spans_dropped_total", dropped, {{"reason", "failed"}}, stats.failed);
  AddSample(samples, "lmp_spans_dropped_total", dropped, {{"reason", "rejected"}}, stats.rejected);
}

void GroupByName(Samples& samples) {
  absl::flat_hash_map<std::string, size_t> place;
  std::vector<Samples> groups;
  for (observe::Sample& sample : samples) {
    const auto [found, added] = place.emplace(sample.name, groups.size());
    if (added) groups.emplace_back();
    groups[found->second].push_back(std::move(sample));
  }
  samples.clear();
  for (Samples& group : groups) {
    for (observe::Sample& sample : group) samples.push_back(std::move(sample));
  }
}

}  // namespace lmp::server
