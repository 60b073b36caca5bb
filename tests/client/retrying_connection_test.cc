#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lmp/licensing_client.h"
#include "lmp/mocks/mock_connection.h"
#include "lmp/traceparent.h"
#include "tests/client/error_samples.h"

namespace lmp::client {
namespace {

using testing::_;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::Return;
using testing::SizeIs;

constexpr char kUuid[] = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

class RetryingConnectionTest : public testing::Test {
 protected:
  LicensingClient Client() {
    return LicensingClient(MakeRetryingConnection(inner_, options_,
                                                  {.now = [this] { return now_; },
                                                   .sleep =
                                                       [this](absl::Duration wait) {
                                                         sleeps_.push_back(wait);
                                                         now_ += wait;
                                                       },
                                                   .random = [this] { return random_ += 0x9E3779B97F4A7C15; }}));
  }

  // Each attempt fails so, and takes this long.
  void Fail(const absl::Status& status, absl::Duration takes = absl::ZeroDuration()) {
    EXPECT_CALL(*inner_, Call)
        .WillRepeatedly([=, this](absl::string_view, const auto& request, auto&, const CallOptions& options) {
          ids_.push_back(RequestIdOf(request));
          timeouts_.push_back(options.timeout.value());
          now_ += takes;
          return status;
        });
  }

  static std::string RequestIdOf(const google::protobuf::Message& request) {
    const auto* assign = dynamic_cast<const v1::AssignServicePlanRequest*>(&request);
    return assign == nullptr ? "" : assign->request_id();
  }

  absl::Status Assign(const std::string& request_id = "") {
    v1::AssignServicePlanRequest request;
    request.set_parent("customers/acme");
    request.set_request_id(request_id);
    return Client().AssignServicePlan(request, {.info = &info_}).status();
  }

  std::shared_ptr<MockConnection> inner_ = std::make_shared<MockConnection>();
  Options options_;
  absl::Time now_ = kStart;
  uint64_t random_ = 0;
  std::vector<absl::Duration> sleeps_;
  std::vector<std::string> ids_;
  std::vector<absl::Duration> timeouts_;
  CallInfo info_;
};

TEST_F(RetryingConnectionTest, TriesUnavailableAgainUntilItWorksWithTheSameRequestId) {
  const auto fail = [this](absl::string_view, const auto& request, auto&, const CallOptions&) {
    ids_.push_back(RequestIdOf(request));
    return absl::UnavailableError("restarting");
  };
  const auto succeed = [this](absl::string_view, const auto& request, auto&, const CallOptions&) {
    ids_.push_back(RequestIdOf(request));
    return absl::OkStatus();
  };
  EXPECT_CALL(*inner_, Call).WillOnce(fail).WillOnce(fail).WillOnce(succeed);
  EXPECT_TRUE(Assign().ok());
  ASSERT_THAT(ids_, SizeIs(3));
  EXPECT_THAT(ids_[0], testing::MatchesRegex(kUuid));
  EXPECT_THAT(ids_, Each(ids_[0]));
  EXPECT_EQ(info_.request_id, ids_[0]);
  EXPECT_EQ(info_.attempts, 3);
}

TEST_F(RetryingConnectionTest, EachCallHasARequestIdOfItsOwn) {
  Fail(absl::InternalError(""));
  EXPECT_FALSE(Assign().ok());
  EXPECT_FALSE(Assign().ok());
  ASSERT_THAT(ids_, SizeIs(2));
  EXPECT_NE(ids_[0], ids_[1]);
}

TEST_F(RetryingConnectionTest, KeepsTheCallersRequestId) {
  Fail(absl::InternalError(""));
  EXPECT_FALSE(Assign("mine").ok());
  EXPECT_THAT(ids_, ElementsAre("mine"));
  EXPECT_EQ(info_.request_id, "mine");
}

TEST_F(RetryingConnectionTest, ReadsHaveNoRequestIdAndAreTriedAgainToo) {
  EXPECT_CALL(*inner_, Call(Rpc("CheckLicense"), _, _, _))
      .WillOnce(Return(absl::UnavailableError("")))
      .WillOnce(Answer(v1::CheckLicenseResponse()));
  EXPECT_TRUE(Client().CheckLicense({}, {.info = &info_}).ok());
  EXPECT_EQ(info_.request_id, "");
  EXPECT_EQ(info_.attempts, 2);
}

TEST_F(RetryingConnectionTest, NoOtherErrorIsTriedAgain) {
  for (int code = 1; code <= 16; ++code) {
    if (code == static_cast<int>(absl::StatusCode::kUnavailable)) continue;
    ids_.clear();
    Fail(absl::Status(static_cast<absl::StatusCode>(code), "no"));
    EXPECT_EQ(Assign().raw_code(), code);
    EXPECT_THAT(ids_, SizeIs(1)) << code;
  }
  EXPECT_THAT(sleeps_, SizeIs(0));
}

TEST_F(RetryingConnectionTest, AllAttemptsStayInsideTheTimeoutAndTheLastErrorIsReturned) {
  options_.timeout = absl::Seconds(10);
  Fail(absl::UnavailableError("down"), absl::Milliseconds(10));
  EXPECT_EQ(Assign(), absl::UnavailableError("down"));
  EXPECT_LT(now_, kStart + absl::Seconds(10));
  EXPECT_GT(ids_.size(), 4U);
  for (size_t i = 1; i < timeouts_.size(); ++i) {
    EXPECT_EQ(timeouts_[i], timeouts_[i - 1] - absl::Milliseconds(10) - sleeps_[i - 1]) << "attempt " << i;
  }
}

TEST_F(RetryingConnectionTest, ACallsOwnTimeoutCounts) {
  Fail(absl::UnavailableError("down"));
  EXPECT_FALSE(Client().CheckLicense({}, {.timeout = absl::Milliseconds(200)}).ok());
  EXPECT_EQ(timeouts_[0], absl::Milliseconds(200));
  EXPECT_LT(now_, kStart + absl::Milliseconds(200));
}

TEST_F(RetryingConnectionTest, WaitsGrowWithJitterUpToTheirMaximum) {
  options_.timeout = absl::InfiniteDuration();
  options_.retry = {.max_attempts = 7, .initial_backoff = absl::Seconds(1), .max_backoff = absl::Seconds(8)};
  Fail(absl::UnavailableError("down"));
  EXPECT_FALSE(Assign().ok());
  ASSERT_THAT(sleeps_, SizeIs(6));
  const int longest[] = {1, 2, 4, 8, 8, 8};
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_THAT(sleeps_[i], AllOf(Ge(absl::Seconds(longest[i]) / 2), Le(absl::Seconds(longest[i])))) << i;
  }
  EXPECT_NE(sleeps_[4], sleeps_[5]);
}

TEST_F(RetryingConnectionTest, WaitsAsLongAsTheServerAsks) {
  options_.retry.max_attempts = 2;
  Fail(ServerError(absl::StatusCode::kUnavailable, v1::SHUTTING_DOWN, "later", RetryAfter(3)));
  EXPECT_FALSE(Assign().ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(3)));
}

TEST_F(RetryingConnectionTest, GivesUpAtOnceIfTheServerAsksForMoreThanIsLeft) {
  Fail(ServerError(absl::StatusCode::kUnavailable, v1::SHUTTING_DOWN, "later", RetryAfter(60)));
  EXPECT_TRUE(HasReason(Assign(), v1::SHUTTING_DOWN));
  EXPECT_THAT(ids_, SizeIs(1));
  EXPECT_THAT(sleeps_, SizeIs(0));
}

TEST_F(RetryingConnectionTest, OneAttemptMeansNoRetry) {
  options_.retry.max_attempts = 1;
  Fail(absl::UnavailableError("down"));
  EXPECT_FALSE(Assign().ok());
  EXPECT_THAT(ids_, SizeIs(1));
}

TEST_F(RetryingConnectionTest, ACallIsOfOneTraceThatIsAskedForOnce) {
  int asked = 0;
  options_.traceparent = [&] { return NewTraceparent(++asked == 1); };
  std::vector<CallOptions> attempts;
  const auto take = [&](absl::string_view, const auto&, auto&, const CallOptions& options) {
    attempts.push_back(options);
    return attempts.size() == 1 ? absl::UnavailableError("restarting") : absl::OkStatus();
  };
  EXPECT_CALL(*inner_, Call).Times(3).WillRepeatedly(take);
  EXPECT_TRUE(Assign().ok());
  EXPECT_EQ(asked, 1);
  const std::string trace = info_.traceparent;
  EXPECT_THAT(TraceIdOf(trace), testing::MatchesRegex("[0-9a-f]{32}"));
  for (const CallOptions& attempt : attempts)
    EXPECT_THAT(attempt.metadata, ElementsAre(testing::Pair("traceparent", trace)));
  EXPECT_TRUE(Assign().ok());
  EXPECT_EQ(asked, 2);
  EXPECT_NE(TraceIdOf(info_.traceparent), TraceIdOf(trace));
}

TEST_F(RetryingConnectionTest, ACallsOwnTraceIsSentInsteadAndNoTraceIsNoHeader) {
  options_.traceparent = [] { return ""; };
  const std::string own = NewTraceparent();
  const auto sends = [](auto headers) { return testing::Field(&CallOptions::metadata, headers); };
  EXPECT_CALL(*inner_, Call(_, _, _, sends(SizeIs(0)))).WillOnce(Return(absl::OkStatus()));
  EXPECT_TRUE(Client().CheckLicense({}, {.info = &info_}).ok());
  EXPECT_EQ(info_.traceparent, "");
  options_.traceparent = [] { return NewTraceparent(); };
  EXPECT_CALL(*inner_, Call(_, _, _, sends(ElementsAre(testing::Pair("traceparent", own)))))
      .WillOnce(Return(absl::OkStatus()));
  EXPECT_TRUE(Client().CheckLicense({}, {.metadata = {{"traceparent", own}}, .info = &info_}).ok());
  EXPECT_EQ(info_.traceparent, own);
}

// Remembers with what a stream was opened.
class OpeningConnection final : public Connection {
 public:
  absl::Status Call(absl::string_view, const google::protobuf::Message&, google::protobuf::Message&,
                    const CallOptions&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::unique_ptr<MessageStream>> Open(absl::string_view, const google::protobuf::Message&,
                                                      const CallOptions& options) override {
    sent = options.metadata;
    return absl::CancelledError();
  }
  std::vector<std::pair<std::string, std::string>> sent;
};

TEST_F(RetryingConnectionTest, AStreamIsOfATraceToo) {
  const std::string trace = NewTraceparent();
  options_.traceparent = [&] { return trace; };
  const auto inner = std::make_shared<OpeningConnection>();
  const auto outer = MakeRetryingConnection(inner, options_, Environment::Real());
  EXPECT_FALSE(outer->Open("/lmp.v1.LicensingService/WatchEvents", v1::CheckLicenseRequest(), {}).ok());
  EXPECT_THAT(inner->sent, ElementsAre(testing::Pair("traceparent", trace)));
}

TEST(Environment, RandomnessOfTheRealOneDiffers) {
  const Environment environment = Environment::Real();
  EXPECT_NE(environment.random(), environment.random());
}

TEST_F(RetryingConnectionTest, KeepTryingIsAskedBeforeEachFurtherAttemptAndMayGiveUp) {
  std::vector<int> asked;
  options_.retry.keep_trying = [&](const absl::Status& error, int attempts) {
    EXPECT_TRUE(absl::IsUnavailable(error));
    asked.push_back(attempts);
    return attempts < 3;
  };
  Fail(absl::UnavailableError("down"));
  EXPECT_TRUE(absl::IsUnavailable(Assign()));
  EXPECT_THAT(asked, ElementsAre(1, 2, 3));
  EXPECT_THAT(ids_, SizeIs(3));
}

}  // namespace
}  // namespace lmp::client
