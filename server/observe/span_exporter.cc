#include "server/observe/span_exporter.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "server/observe/log.h"

namespace lmp::observe {
namespace {

namespace otlp = opentelemetry::proto;
using otlp::collector::trace::v1::ExportTraceServiceRequest;
using otlp::collector::trace::v1::ExportTraceServiceResponse;

constexpr absl::Duration kLastWait = absl::Seconds(1);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);  // doubles with each attempt
constexpr absl::Duration kComplaintPeriod = absl::Minutes(1);

std::string BigEndian(uint64_t number) {
  std::string bytes(sizeof(number), '\0');
  for (size_t i = bytes.size(); i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

uint64_t Nanoseconds(absl::Time time) { return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixNanos(time))); }

void SetValue(const std::variant<std::string, int64_t, bool>& value, otlp::common::v1::AnyValue* out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    out->set_string_value(*text);
  } else if (const auto* number = std::get_if<int64_t>(&value)) {
    out->set_int_value(*number);
  } else {
    out->set_bool_value(std::get<bool>(value));
  }
}

otlp::trace::v1::Span::SpanKind ToProto(Span::Kind kind) {
  switch (kind) {
    case Span::Kind::kServer:
      return otlp::trace::v1::Span::SPAN_KIND_SERVER;
    case Span::Kind::kClient:
      return otlp::trace::v1::Span::SPAN_KIND_CLIENT;
    case Span::Kind::kInternal:
      break;
  }
  return otlp::trace::v1::Span::SPAN_KIND_INTERNAL;
}

void ToProto(const Span& span, otlp::trace::v1::Span* out) {
  out->set_trace_id(BigEndian(span.context.trace_high) + BigEndian(span.context.trace_low));
  out->set_span_id(BigEndian(span.context.span));
  if (span.context.parent != 0) out->set_parent_span_id(BigEndian(span.context.parent));
  out->set_name(span.name);
  out->set_kind(ToProto(span.kind));
  out->set_start_time_unix_nano(Nanoseconds(span.begin));
  out->set_end_time_unix_nano(Nanoseconds(std::max(span.begin, span.end)));
  for (const auto& [key, value] : span.attributes) {
    auto* attribute = out->add_attributes();
    attribute->set_key(std::string(key));
    SetValue(value, attribute->mutable_value());
  }
  if (span.error.empty()) return;
  out->mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
  out->mutable_status()->set_message(span.error);
}

// The codes after which OTLP has the same request sent again.
bool MaySucceedLater(grpc::StatusCode code) {
  switch (code) {
    case grpc::CANCELLED:
    case grpc::DEADLINE_EXCEEDED:
    case grpc::RESOURCE_EXHAUSTED:
    case grpc::ABORTED:
    case grpc::OUT_OF_RANGE:
    case grpc::UNAVAILABLE:
    case grpc::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

}  // namespace

// The way to the collector, and the one request that is under way.
class SpanExporter::Sender final {
 public:
  explicit Sender(const SpanExporterOptions& options)
      : options_(options),
        stub_(otlp::collector::trace::v1::TraceService::NewStub(grpc::CreateChannel(
            options.endpoint, options.ca.empty() ? grpc::InsecureChannelCredentials()
                                                 : grpc::SslCredentials({.pem_root_certs = options.ca})))) {}

  ExportTraceServiceRequest RequestOf(const std::vector<Span>& spans) const {
    ExportTraceServiceRequest request;
    auto* of_us = request.add_resource_spans();
    for (const auto& [key, value] : options_.resource) {
      auto* attribute = of_us->mutable_resource()->add_attributes();
      attribute->set_key(key);
      attribute->mutable_value()->set_string_value(value);
    }
    auto* scope = of_us->add_scope_spans();
    scope->mutable_scope()->set_name("lmp-server");
    for (const Span& span : spans) ToProto(span, scope->add_spans());
    return request;
  }

  grpc::Status Send(const ExportTraceServiceRequest& request, absl::Time deadline, int64_t* rejected) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    {
      absl::MutexLock lock(&mutex_);
      context_ = &context;
      if (stopped_) context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + kLastWait / 2)));
    }
    ExportTraceServiceResponse response;
    const grpc::Status status = stub_->Export(&context, request, &response);
    *rejected = response.partial_success().rejected_spans();
    absl::MutexLock lock(&mutex_);
    context_ = nullptr;
    return status;
  }

  // Ends a request that is under way; later ones get little time.
  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }

 private:
  const SpanExporterOptions& options_;
  const std::unique_ptr<otlp::collector::trace::v1::TraceService::Stub> stub_;
  absl::Mutex mutex_;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

SpanExporter::SpanExporter(SpanExporterOptions options)
    : options_(std::move(options)), sender_(std::make_unique<Sender>(options_)), thread_([this] { Work(); }) {}

SpanExporter::~SpanExporter() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    give_up_ = absl::Now() + kLastWait;
  }
  sender_->Stop();
  thread_.join();
}

bool SpanExporter::Samples() {
  if (options_.sample <= 0) return false;
  return asked_.fetch_add(1, std::memory_order_relaxed) % static_cast<uint64_t>(options_.sample) == 0;
}

void SpanExporter::Export(std::vector<Span> spans) {
  absl::MutexLock lock(&mutex_);
  if (stopped_ || waiting_.size() + spans.size() > options_.max_queue) {
    stats_.full += static_cast<int64_t>(spans.size());
    return;
  }
  std::move(spans.begin(), spans.end(), std::back_inserter(waiting_));
}

SpanExporter::Stats SpanExporter::stats() const {
  absl::MutexLock lock(&mutex_);
  Stats stats = stats_;
  stats.waiting = static_cast<int64_t>(waiting_.size());
  return stats;
}

std::vector<Span> SpanExporter::Take() {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &SpanExporter::HasBatch), options_.period);
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.max_batch));
  std::vector<Span> spans(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return spans;
}

void SpanExporter::Work() {
  for (;;) {
    const std::vector<Span> spans = Take();
    if (!spans.empty()) {
      Deliver(spans);
      continue;
    }
    absl::MutexLock lock(&mutex_);
    if (stopped_ && waiting_.empty()) return;
  }
}

// Waits, but no longer than until the end has come.
void SpanExporter::AwaitStop(absl::Duration longest) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopped_), longest);
}

absl::Time SpanExporter::GiveUp() const {
  absl::MutexLock lock(&mutex_);
  return give_up_;
}

void SpanExporter::Deliver(const std::vector<Span>& spans) {
  const ExportTraceServiceRequest request = sender_->RequestOf(spans);
  const auto count = static_cast<int64_t>(spans.size());
  for (int attempt = 1;; ++attempt) {
    int64_t rejected = 0;
    const absl::Time deadline = std::min(absl::Now() + options_.timeout, GiveUp());
    const grpc::Status status = sender_->Send(request, deadline, &rejected);
    if (status.ok()) {
      absl::MutexLock lock(&mutex_);
      stats_.rejected += std::clamp<int64_t>(rejected, 0, count);
      stats_.exported += count - std::clamp<int64_t>(rejected, 0, count);
      return;
    }
    if (attempt < options_.max_attempts && MaySucceedLater(status.error_code()) && absl::Now() < GiveUp()) {
      AwaitStop(kFirstPause * (1 << attempt));
      continue;
    }
    {
      absl::MutexLock lock(&mutex_);
      stats_.failed += count;
    }
    if (absl::Now() - last_complaint_ < kComplaintPeriod) return;
    last_complaint_ = absl::Now();
    return server::Log(server::Severity::kWarning, "spans could not be exported, and were dropped",
                       {{"spans", count}, {"collector", options_.endpoint}, {"error", status.error_message()}});
  }
}

}  // namespace lmp::observe
