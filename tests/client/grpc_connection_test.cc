#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "lmp/customer_client.h"
#include "lmp/licensing_client.h"
#include "tests/client/error_samples.h"
#include "tests/client/scripted_server.h"

namespace lmp::client {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

class GrpcConnectionTest : public testing::Test {
 protected:
  LicensingClient Client() {
    options_.target = server_.address();
    return LicensingClient(MakeConnection(options_));
  }
  void AnswerUsable() {
    v1::CheckLicenseResponse response;
    response.set_usable(true);
    response.set_units(25);
    server_.Always<v1::CheckLicenseRequest, v1::CheckLicenseResponse>("CheckLicense", response);
  }

  ScriptedServer server_;
  Options options_;
};

TEST_F(GrpcConnectionTest, CarriesRequestAndResponse) {
  AnswerUsable();
  v1::CheckLicenseRequest request;
  request.set_customer("customers/acme");
  const auto response = Client().CheckLicense(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->units(), 25);
  EXPECT_EQ(server_.Requests<v1::CheckLicenseRequest>("CheckLicense").at(0).customer(), "customers/acme");
}

TEST_F(GrpcConnectionTest, ErrorsKeepTheirDetails) {
  server_.Always<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>("AssignServicePlan",
                                                                              CrossgradeRequiredError());
  const absl::Status status = Client().AssignServicePlan({}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), "the customer has it already");
  EXPECT_EQ(GetErrorDetails(status).duplicates.size(), 2U);
}

TEST_F(GrpcConnectionTest, SendsTokenReasonAndMetadata) {
  AnswerUsable();
  options_.bearer_token = "secret";
  options_.reason = "Müller & 100%";
  EXPECT_TRUE(Client().CheckLicense({}, {.metadata = {{"traceparent", "00-1"}}}).ok());
  const auto metadata = server_.seen().at(0).metadata;
  EXPECT_THAT(metadata, Contains(Pair("authorization", "Bearer secret")));
  EXPECT_THAT(metadata, Contains(Pair("lmp-reason", "M%C3%BCller & 100%25")));
  EXPECT_THAT(metadata, Contains(Pair("traceparent", "00-1")));
}

TEST_F(GrpcConnectionTest, ACallsReasonReplacesTheConnections) {
  AnswerUsable();
  options_.reason = "always";
  EXPECT_TRUE(Client().CheckLicense({}, {.reason = "now"}).ok());
  EXPECT_THAT(server_.seen().at(0).metadata, Contains(Pair("lmp-reason", "now")));
}

TEST_F(GrpcConnectionTest, SendsNothingThatWasNotSet) {
  AnswerUsable();
  EXPECT_TRUE(Client().CheckLicense({}).ok());
  const auto metadata = server_.seen().at(0).metadata;
  EXPECT_THAT(metadata, Not(Contains(Key("authorization"))));
  EXPECT_THAT(metadata, Not(Contains(Key("lmp-reason"))));
}

TEST_F(GrpcConnectionTest, RefusesHeadersThatGrpcWouldDieOf) {
  AnswerUsable();
  EXPECT_TRUE(absl::IsInvalidArgument(Client().CheckLicense({}, {.metadata = {{"x-id", "a\nb"}}}).status()));
  options_.bearer_token = "two\nlines";
  EXPECT_TRUE(absl::IsInvalidArgument(Client().CheckLicense({}).status()));
}

TEST_F(GrpcConnectionTest, SaysWhetherTheAnswerIsAReplay) {
  server_.Always<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>("AssignServicePlan",
                                                                              v1::AssignServicePlanResponse());
  CallInfo info;
  EXPECT_TRUE(Client().AssignServicePlan({}, {.info = &info}).ok());
  EXPECT_FALSE(info.replayed);
  server_.SetReplayed();
  EXPECT_TRUE(Client().AssignServicePlan({}, {.info = &info}).ok());
  EXPECT_TRUE(info.replayed);
}

TEST_F(GrpcConnectionTest, EndsAtTheDeadlineThatTheServerIsTold) {
  const auto done = std::make_shared<absl::Notification>();  // the answer outlives this function
  server_.On<v1::CheckLicenseRequest, v1::CheckLicenseResponse>("CheckLicense", [done](const auto&) {
    done->WaitForNotification();
    return v1::CheckLicenseResponse();
  });
  const absl::Time start = absl::Now();
  const absl::Status status = Client().CheckLicense({}, {.timeout = absl::Milliseconds(100)}).status();
  done->Notify();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(GrpcConnectionTest, TriesAgainWithTheSameRequestIdOverTheWire) {
  std::atomic<int> calls = 0;
  const auto third_time_lucky = [&](const auto&) -> absl::StatusOr<v1::Customer> {
    if (++calls < 3) return absl::UnavailableError("restarting");
    return v1::Customer();
  };
  server_.On<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", third_time_lucky);
  options_.target = server_.address();
  options_.retry.initial_backoff = absl::Milliseconds(1);
  EXPECT_TRUE(CustomerClient(MakeConnection(options_)).CreateCustomer({}).ok());
  const auto requests = server_.Requests<v1::CreateCustomerRequest>("CreateCustomer");
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_FALSE(requests[0].request_id().empty());
  EXPECT_EQ(requests[0].request_id(), requests[2].request_id());
}

TEST_F(GrpcConnectionTest, NobodyListeningIsUnavailable) {
  options_.retry.max_attempts = 1;
  options_.target = "127.0.0.1:1";
  EXPECT_TRUE(absl::IsUnavailable(LicensingClient(MakeConnection(options_)).CheckLicense({}).status()));
}

TEST_F(GrpcConnectionTest, ManyThreadsMayUseOneClient) {
  AnswerUsable();
  const LicensingClient client = Client();
  std::atomic<int> successes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, copy = client] {
      for (int call = 0; call < 50; ++call) successes += copy.CheckLicense({}).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(successes, 400);
}

}  // namespace
}  // namespace lmp::client
