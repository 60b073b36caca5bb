// Sends spans to a collector, by OTLP over gRPC. Nobody waits for it: what finds no room, or can't be delivered, is
// dropped and counted.
#ifndef LMP_SERVER_OBSERVE_SPAN_EXPORTER_H_
#define LMP_SERVER_OBSERVE_SPAN_EXPORTER_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/observe/trace_context.h"

namespace lmp::observe {

struct Span {
  enum class Kind { kServer, kInternal, kClient };
  using Attribute = std::pair<absl::string_view, std::variant<std::string, int64_t, bool>>;  // the key is a constant

  TraceContext context;
  std::string name;
  Kind kind = Kind::kInternal;
  absl::Time begin, end;
  std::vector<Attribute> attributes;
  std::string error;  // what went wrong on our side; empty: nothing did
};

struct SpanExporterOptions {
  std::string endpoint;  // HOST:PORT
  std::string ca;        // PEM: TLS, verified with it; empty: plaintext
  // Who we are: service.name, service.version and service.instance.id of each span.
  std::vector<std::pair<std::string, std::string>> resource;
  int sample = 1;                             // of so many calls that bring no trace one begins one; 0: none does
  size_t max_queue = 8192;                    // spans that may wait; further ones are dropped
  size_t max_batch = 512;                     // spans of one request
  absl::Duration period = absl::Seconds(1);   // the longest that a span waits for others
  absl::Duration timeout = absl::Seconds(5);  // of one request
  int max_attempts = 5;                       // to deliver the same spans
};

// Thread-safe.
class SpanExporter final {
 public:
  struct Stats {
    int64_t waiting = 0;
    int64_t exported = 0;  // that the collector took
    int64_t full = 0;      // dropped, as too many waited
    int64_t failed = 0;    // dropped, as the collector could not be reached, or refused the request
    int64_t rejected = 0;  // that the collector said it did not want
  };

  explicit SpanExporter(SpanExporterOptions options);
  // Tries for a second to send what waits.
  ~SpanExporter();
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  // Whether a call that brings no trace begins one.
  bool Samples();
  // Takes the spans of one call: all of them or none. Never waits for the collector.
  void Export(std::vector<Span> spans) ABSL_LOCKS_EXCLUDED(mutex_);
  Stats stats() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Sender;

  bool HasBatch() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || waiting_.size() >= options_.max_batch; }
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<Span> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  // Sends the spans, again and again if need be, and counts what became of them.
  void Deliver(const std::vector<Span>& spans) ABSL_LOCKS_EXCLUDED(mutex_);
  void AwaitStop(absl::Duration longest) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Time GiveUp() const ABSL_LOCKS_EXCLUDED(mutex_);

  const SpanExporterOptions options_;
  const std::unique_ptr<Sender> sender_;
  std::atomic<uint64_t> asked_ = 0;
  mutable absl::Mutex mutex_;
  std::deque<Span> waiting_ ABSL_GUARDED_BY(mutex_);
  Stats stats_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time give_up_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Time last_complaint_ = absl::InfinitePast();  // of the thread alone
  std::thread thread_;
};

}  // namespace lmp::observe

#endif  // LMP_SERVER_OBSERVE_SPAN_EXPORTER_H_
