#include <algorithm>
#include <utility>

#include "server/services/call_record.h"

namespace lmp::server {
namespace {

using observe::Span;

// A span below the call's own.
Span Part(const CallRecord& record, const char* name, absl::Time begin, absl::Duration took, Span::Kind kind) {
  return {.context = observe::ChildOf(record.trace), .name = name, .kind = kind, .begin = begin, .end = begin + took};
}

Span Whole(const CallRecord& record) {
  const size_t slash = record.method.find('/');
  Span span{.context = record.trace,
            .name = record.method,
            .kind = Span::Kind::kServer,
            .begin = record.start,
            .end = record.start + record.outcome_took};
  // Named as in OpenTelemetry's conventions for RPC and for databases; what is ours begins with lmp.
  span.attributes = {{"rpc.system", "grpc"},
                     {"rpc.service", record.method.substr(0, slash)},
                     {"rpc.method", slash == std::string::npos ? "" : record.method.substr(slash + 1)},
                     {"rpc.grpc.status_code", static_cast<int64_t>(record.seen)},
                     {"lmp.x_request_id", record.x_request_id},
                     {"lmp.caller", record.caller}};
  if (!record.subject.resource.empty()) span.attributes.emplace_back("lmp.resource", record.subject.resource);
  if (record.subject.preview) span.attributes.emplace_back("lmp.preview", true);
  if (!record.reason.empty()) span.attributes.emplace_back("lmp.reason", record.reason);
  if (!record.request_id.empty()) span.attributes.emplace_back("lmp.request_id", record.request_id);
  if (record.messages >= 0) span.attributes.emplace_back("lmp.messages", record.messages);
  switch (record.outcome) {  // these a server counts as errors of its own; others are its callers'
    case grpc::UNKNOWN:
    case grpc::DEADLINE_EXCEEDED:
    case grpc::UNIMPLEMENTED:
    case grpc::INTERNAL:
    case grpc::UNAVAILABLE:
    case grpc::DATA_LOSS:
      span.error = record.reason.empty() ? CodeName(record.outcome) : record.reason;
      break;
    default:
      break;
  }
  return span;
}

}  // namespace

std::vector<Span> SpansOf(const CallRecord& record) {
  std::vector<Span> spans = {Whole(record)};
  if (record.times == nullptr) return spans;
  const engine::CallTimes& times = *record.times;
  const storage::DatabaseWork& work = times.work;
  if (times.submitted != absl::InfinitePast()) {
    spans.push_back(Part(record, "queue", times.submitted, times.queued, Span::Kind::kInternal));
  }
  if (work.began != absl::InfinitePast() && work.ended >= work.began) {
    Span span = Part(record, "transaction", work.began, work.ended - work.began, Span::Kind::kClient);
    span.attributes = {{"db.system", "mysql"},
                       {"lmp.statements", work.statements},
                       {"lmp.rows", work.rows},
                       {"lmp.batch", static_cast<int64_t>(times.batch)},
                       {"lmp.runs", static_cast<int64_t>(work.runs)}};
    const observe::TraceContext transaction = span.context;
    spans.push_back(std::move(span));
    if (work.commit_began != absl::InfinitePast()) {
      Span commit = Part(record, "COMMIT", work.commit_began, work.commit, Span::Kind::kClient);
      commit.context.parent = transaction.span;
      commit.attributes = {{"db.system", "mysql"}};
      spans.push_back(std::move(commit));
    }
  }
  return spans;
}

}  // namespace lmp::server
