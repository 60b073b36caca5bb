// The exporter against a collector that takes spans, refuses them, is away, or hangs.
#include "server/observe/span_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

namespace lmp::observe {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

class Collector final : public otlp::TraceService::Service {
 public:
  explicit Collector(const std::string& address = "127.0.0.1:0") {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Collector() override { server_->Shutdown(absl::ToChronoTime(absl::Now())); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  void AnswerWith(const grpc::Status& status, int64_t rejected = 0) {
    absl::MutexLock lock(&mutex_);
    status_ = status;
    rejected_ = rejected;
  }
  void Hang() {
    absl::MutexLock lock(&mutex_);
    hangs_ = true;
  }
  std::vector<otlp::ExportTraceServiceRequest> requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

  grpc::Status Export(grpc::ServerContext* context, const otlp::ExportTraceServiceRequest* request,
                      otlp::ExportTraceServiceResponse* response) override {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(*request);
    while (hangs_ && !context->IsCancelled()) {
      mutex_.Unlock();
      absl::SleepFor(absl::Milliseconds(5));
      mutex_.Lock();
    }
    if (rejected_ > 0) response->mutable_partial_success()->set_rejected_spans(rejected_);
    return status_;
  }

 private:
  int port_ = 0;
  absl::Mutex mutex_;
  std::vector<otlp::ExportTraceServiceRequest> requests_;
  grpc::Status status_;
  int64_t rejected_ = 0;
  bool hangs_ = false;
  std::unique_ptr<grpc::Server> server_;
};

Span OneSpan() {
  return {.context = {.trace_high = 1, .trace_low = 2, .span = 3, .parent = 4, .sampled = true},
          .name = "lmp.v1.CustomerService/GetCustomer",
          .kind = Span::Kind::kServer,
          .begin = absl::FromUnixSeconds(1000),
          .end = absl::FromUnixSeconds(1001),
          .attributes = {{"text", std::string("t")}, {"number", int64_t{7}}, {"flag", true}},
          .error = "INTERNAL_FAILURE"};
}

std::vector<Span> Spans(size_t count) { return std::vector<Span>(count, OneSpan()); }

SpanExporterOptions To(const std::string& address) {
  return {.endpoint = address,
          .resource = {{"service.name", "lmp-server"}},
          .period = absl::Milliseconds(10),
          .timeout = absl::Seconds(2)};
}

// Waits until `done` says so; the tests' own limit is far away.
template <class Done>
void Await(const Done& done) {
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (!done() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(2));
  EXPECT_TRUE(done());
}

TEST(SpanExporter, SendsAllThatASpanHas) {
  Collector collector;
  SpanExporter exporter(To(collector.address()));
  exporter.Export(Spans(1));
  Await([&] { return exporter.stats().exported == 1; });
  const auto requests = collector.requests();
  const auto& of_us = requests.at(0).resource_spans(0);
  EXPECT_EQ(of_us.resource().attributes(0).key(), "service.name");
  EXPECT_EQ(of_us.resource().attributes(0).value().string_value(), "lmp-server");
  const auto& span = of_us.scope_spans(0).spans(0);
  EXPECT_EQ(span.trace_id(), std::string("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16));
  EXPECT_EQ(span.span_id(), std::string("\0\0\0\0\0\0\0\3", 8));
  EXPECT_EQ(span.parent_span_id(), std::string("\0\0\0\0\0\0\0\4", 8));
  EXPECT_EQ(span.start_time_unix_nano(), 1'000'000'000'000U);
  EXPECT_EQ(span.end_time_unix_nano() - span.start_time_unix_nano(), 1'000'000'000U);
  EXPECT_EQ(span.attributes_size(), 3);
  EXPECT_EQ(span.attributes(1).value().int_value(), 7);
  EXPECT_TRUE(span.attributes(2).value().bool_value());
  EXPECT_EQ(span.status().message(), "INTERNAL_FAILURE");
}

TEST(SpanExporter, WhatFindsNoRoomIsDroppedAndCountedAndNobodyWaits) {
  Collector collector;
  collector.Hang();
  SpanExporterOptions options = To(collector.address());
  options.max_queue = 100;
  options.max_batch = 10;
  options.timeout = absl::Seconds(60);
  SpanExporter exporter(options);
  exporter.Export(Spans(10));
  Await([&] { return !collector.requests().empty(); });  // which hangs
  for (int i = 0; i < 1000; ++i) exporter.Export(Spans(3));
  const auto stats = exporter.stats();
  EXPECT_LE(stats.waiting, 100);
  EXPECT_GE(stats.waiting, 98);
  EXPECT_EQ(stats.full, 3000 - stats.waiting);
}

TEST(SpanExporter, ACollectorThatIsAwayForAMomentGetsThemLater) {
  std::string address;
  { address = Collector().address(); }
  SpanExporter exporter(To(address));
  exporter.Export(Spans(2));
  absl::SleepFor(absl::Milliseconds(100));
  Collector collector(address);
  Await([&] { return exporter.stats().exported == 2; });
  EXPECT_EQ(exporter.stats().failed, 0);
}

TEST(SpanExporter, WhatIsRefusedIsNotSentAgain) {
  Collector collector;
  collector.AnswerWith(grpc::Status(grpc::INVALID_ARGUMENT, "no"));
  SpanExporter exporter(To(collector.address()));
  exporter.Export(Spans(5));
  Await([&] { return exporter.stats().failed == 5; });
  EXPECT_EQ(collector.requests().size(), 1U);
}

TEST(SpanExporter, WhatTheCollectorDoesNotWantIsCounted) {
  Collector collector;
  collector.AnswerWith(grpc::Status::OK, /*rejected=*/2);
  SpanExporter exporter(To(collector.address()));
  exporter.Export(Spans(5));
  Await([&] { return exporter.stats().exported == 3; });
  EXPECT_EQ(exporter.stats().rejected, 2);
}

TEST(SpanExporter, SendsWhatWaitsBeforeItEnds) {
  Collector collector;
  {
    SpanExporterOptions options = To(collector.address());
    options.period = absl::Minutes(10);
    SpanExporter exporter(options);
    exporter.Export(Spans(3));
  }
  int got = 0;
  for (const auto& request : collector.requests()) got += request.resource_spans(0).scope_spans(0).spans_size();
  EXPECT_EQ(got, 3);
}

TEST(SpanExporter, EndsAlthoughTheCollectorHangs) {
  Collector collector;
  collector.Hang();
  SpanExporterOptions options = To(collector.address());
  options.timeout = absl::Minutes(10);
  options.max_batch = 1;
  SpanExporter exporter(options);
  exporter.Export(Spans(100));
  Await([&] { return !collector.requests().empty(); });
}  // the test's own limit of time is what it is about

TEST(SpanExporter, OneOfSoManyBeginsATrace) {
  SpanExporterOptions options = To("127.0.0.1:1");
  options.sample = 4;
  SpanExporter exporter(options);
  int sampled = 0;
  for (int i = 0; i < 100; ++i) sampled += exporter.Samples() ? 1 : 0;
  EXPECT_EQ(sampled, 25);
  options.sample = 0;
  EXPECT_FALSE(SpanExporter(options).Samples());
}

}  // namespace
}  // namespace lmp::observe
