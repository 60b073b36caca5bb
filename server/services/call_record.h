// What is known of a call when it ends: counted, logged in one line, and sent as spans of its trace.
#ifndef LMP_SERVER_SERVICES_CALL_RECORD_H_
#define LMP_SERVER_SERVICES_CALL_RECORD_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/call_times.h"
#include "server/observe/call_observer.h"
#include "server/observe/trace_context.h"
#include "server/services/subject.h"

namespace lmp::server {

struct CallRecord {
  const std::string& method;
  const absl::Status& status;  // what came of it
  grpc::StatusCode outcome;    // the same, as a client is shown it
  grpc::StatusCode seen;       // what its client saw: CANCELLED, or DEADLINE_EXCEEDED, if it had left by then
  const std::string& reason;   // of the error, or empty
  absl::Time start;
  absl::Time let_in = absl::InfinitePast();  // since when it was known who calls; InfinitePast: that never was
  absl::Duration took;                       // until its answer, or until its client left
  absl::Duration outcome_took;               // until its answer
  bool left = false;                         // its client had left by then
  const std::string& caller;
  std::string peer;
  const Subject& subject;
  const std::string& request_id;
  const std::string& x_request_id;
  const std::string& traceparent;      // as it came
  const observe::TraceContext& trace;  // no trace: all 0
  bool replayed = false;
  int64_t messages = -1;  // of a stream; -1: it is none
  const engine::CallTimes* times = nullptr;
};

// The name of a status code, as in "NOT_FOUND".
std::string CodeName(grpc::StatusCode code);

// The trace of a call that brought this header: its caller's, or a new one if traces are exported; otherwise none.
observe::TraceContext TraceOf(const std::string& traceparent, const observe::CallObserver& observer);

// Notes the call everywhere.
void Note(const CallRecord& record, const observe::CallObserver& observer);

// The spans of the call: its own, and below it the wait in the queue, the transaction and its COMMIT.
std::vector<observe::Span> SpansOf(const CallRecord& record);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_CALL_RECORD_H_
