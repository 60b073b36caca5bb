#include "server/services/call_record.h"

#include <algorithm>

#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/observe/log.h"
#include "storage/mysql/errors.h"

namespace lmp::server {
namespace {

constexpr size_t kSlowStatements = 5;  // of a slow call, these many are named
constexpr size_t kMaxField = 120;      // bytes

LogValue Micros(absl::Duration duration) {
  const int64_t micros = absl::ToInt64Microseconds(duration);
  return micros > 0 ? LogValue(micros) : LogValue("");
}

LogValue Count(int64_t count, int64_t least = 1) { return count >= least ? LogValue(count) : LogValue(""); }
LogValue IfTrue(bool value) { return value ? LogValue(true) : LogValue(""); }

// The first field that is wrong with the request, without what stands in brackets: that may be the caller's.
std::string FirstWrongField(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return "";
  const domain::Refusal refusal = domain::RefusalOf(status);
  if (refusal.violations.empty()) return "";
  const std::string& field = refusal.violations.front().field;
  return field.substr(0, std::min(field.find_first_of("[\"'"), kMaxField));
}

// For a failure that is not the caller's doing, the log has the real cause; no client sees it.
std::string Cause(const absl::Status& status, bool failed) {
  const bool told = failed || (!status.ok() && domain::RefusalOf(status).reason == domain::reason::kWatchEnded);
  return told ? std::string(status.message()) : "";
}

// INFO for what callers do wrong. Else nothing of it is the caller's doing, and the line is a warning, or an error.
Severity SeverityOf(const CallRecord& record) {
  if (record.outcome == grpc::INTERNAL) return Severity::kError;
  return record.status.GetPayload(storage::kMysqlTextPayload).has_value() ? Severity::kWarning : Severity::kInfo;
}

void LogCall(const CallRecord& record, const std::string& code, bool slow, const observe::CallObserver& observer) {
  static const engine::CallTimes& none = *new engine::CallTimes;
  const engine::CallTimes& times = record.times == nullptr ? none : *record.times;
  const storage::DatabaseWork& work = times.work;
  const Severity severity = SeverityOf(record);
  const bool failed = severity != Severity::kInfo;
  const auto text = record.status.GetPayload(storage::kMysqlTextPayload);
  const bool traced = (record.trace.trace_high | record.trace.trace_low) != 0;
  const bool sampled = !slow && record.seen == grpc::OK;
  Log(severity, "call",
      {{"method", record.method},
       {"code", code},
       {"outcome", record.left ? CodeName(record.outcome) : ""},
       {"reason", record.reason},
       {"field", FirstWrongField(record.status)},
       {"duration_us", absl::ToInt64Microseconds(record.took)},
       {"outcome_us", record.left ? LogValue(absl::ToInt64Microseconds(record.outcome_took)) : LogValue("")},
       {"caller", record.caller},
       {"peer", record.peer},
       {"resource", record.subject.resource},
       {"preview", IfTrue(record.subject.preview)},
       {"request_id", record.request_id},
       {"x_request_id", record.x_request_id},
       {"traceparent", record.traceparent},
       {"trace_id", traced ? record.trace.trace_id() : ""},
       {"span_id", traced ? record.trace.span_id() : ""},
       {"replayed", record.messages >= 0 ? LogValue("") : LogValue(record.replayed)},
       {"messages", Count(record.messages, 0)},
       {"kept", IfTrue(times.kept)},
       {"auth_us", record.let_in == absl::InfinitePast() ? LogValue("") : Micros(record.let_in - record.start)},
       {"queue_us", Micros(times.queued)},
       {"locked_us", Micros(times.locked_out)},
       {"connection_us", Micros(work.connection)},
       {"database_us", Micros(work.database)},
       {"commit_us", Micros(work.commit)},
       {"decide_us", Micros(times.decided - times.rendered)},
       {"render_us", Micros(times.rendered)},
       {"statements", Count(work.statements)},
       {"rows", Count(work.rows)},
       {"batch", Count(times.batch)},
       {"runs", Count(work.runs, 2)},
       {"slow", IfTrue(slow)},
       {"slow_statements", slow ? work.Slowest(kSlowStatements) : ""},
       {"stands_for", sampled ? Count(observer.log.one_of(), 2) : LogValue("")},
       {"error", Cause(record.status, failed)},
       {"database", text.has_value() ? std::string(*text) : ""}});
}

}  // namespace

std::string CodeName(grpc::StatusCode code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(static_cast<int>(code)));
}

observe::TraceContext TraceOf(const std::string& traceparent, const observe::CallObserver& observer) {
  if (observer.spans == nullptr && traceparent.empty()) return {};
  observe::TraceContext trace = observe::ContextOf(traceparent, false);
  if (trace.parent != 0) return trace;
  if (observer.spans == nullptr) return {};  // what came is no trace, and nobody would see one of ours
  trace.sampled = observer.spans->Samples();
  return trace;
}

void Note(const CallRecord& record, const observe::CallObserver& observer) {
  const std::string code = CodeName(record.seen);
  if (observer.metrics != nullptr) observer.metrics->Count(record.method, code, record.reason, record.took);
  const bool slow = record.messages < 0 && observer.log.IsSlow(record.took);  // a stream lasts as long as it is wanted
  if (slow || SeverityOf(record) != Severity::kInfo ||
      observer.log.Wants(record.seen == grpc::OK, record.x_request_id)) {
    LogCall(record, code, slow, observer);
  }
  if (observer.spans != nullptr && record.trace.sampled) observer.spans->Export(SpansOf(record));
}

}  // namespace lmp::server
