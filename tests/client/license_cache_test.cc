// The cache answers from what its stream brought, knows how old that is, and asks the server else. That its answers are
// the server's is compared by tests/random.
#include "lmp/license_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "lmp/v1/watch_licenses.pb.h"
#include "tests/client/suspended_machine.h"
#include "tests/support/status_matchers.h"

namespace lmp::client {
namespace {

constexpr char kBakery[] = "customers/bakery";
constexpr char kBackup[] = "products/backup";

// What a stream brings, message by message; a stream ends when the test says so.
class Wire {
 public:
  void Push(v1::WatchLicensesResponse message) {
    absl::MutexLock lock(&mutex_);
    messages_.push_back(std::move(message));
  }
  void End(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    end_ = std::move(status);
    ended_ = true;
  }
  bool Read(v1::WatchLicensesResponse& message) {
    absl::MutexLock lock(&mutex_);
    ++waiting_;
    const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ || !messages_.empty(); };
    mutex_.Await(absl::Condition(&ready));
    --waiting_;
    if (messages_.empty()) return false;
    message = std::move(messages_.front());
    messages_.pop_front();
    return true;
  }
  absl::Status end() {
    absl::MutexLock lock(&mutex_);
    return end_;
  }
  // Until all was taken, and what was taken last has been done.
  void AwaitTaken() {
    absl::MutexLock lock(&mutex_);
    const auto taken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return messages_.empty() && waiting_ > 0; };
    mutex_.Await(absl::Condition(&taken));
  }

 private:
  absl::Mutex mutex_;
  std::deque<v1::WatchLicensesResponse> messages_ ABSL_GUARDED_BY(mutex_);
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

class WireStream final : public MessageStream {
 public:
  explicit WireStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  bool Read(google::protobuf::Message& message) override {
    return wire_->Read(static_cast<v1::WatchLicensesResponse&>(message));
  }
  absl::Status Finish() override { return wire_->end(); }
  void Cancel() override { wire_->End(absl::CancelledError("")); }

 private:
  const std::shared_ptr<Wire> wire_;
};

class FakeServer final : public Connection {
 public:
  absl::Status Call(absl::string_view method, const google::protobuf::Message&, google::protobuf::Message& response,
                    const CallOptions&) override {
    EXPECT_EQ(method, "/lmp.v1.LicensingService/CheckLicense");
    ++asked;
    static_cast<v1::CheckLicenseResponse&>(response).set_reason(v1::CheckLicenseResponse::SUSPENDED);
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<MessageStream>> Open(absl::string_view method,
                                                      const google::protobuf::Message& request,
                                                      const CallOptions&) override {
    EXPECT_EQ(method, "/lmp.v1.LicensingService/WatchLicenses");
    absl::MutexLock lock(&mutex_);
    tokens_.push_back(static_cast<const v1::WatchLicensesRequest&>(request).resume_token());
    wires_.push_back(std::make_shared<Wire>());
    return std::make_unique<WireStream>(wires_.back());
  }
  // The n-th stream, from 0, once it is open.
  std::shared_ptr<Wire> Stream(size_t n) {
    absl::MutexLock lock(&mutex_);
    const auto open = [this, n]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return wires_.size() > n; };
    mutex_.Await(absl::Condition(&open));
    return wires_[n];
  }
  std::vector<std::string> tokens() {
    absl::MutexLock lock(&mutex_);
    return tokens_;
  }

  std::atomic<int> asked = 0;

 private:
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Wire>> wires_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> tokens_ ABSL_GUARDED_BY(mutex_);
};

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

class LicenseCacheTest : public ::testing::Test {
 protected:
  // Noon of 15 November 2026 by the server's clock, whatever is here.
  LicenseCacheTest() : server_time_(absl::FromCivil(absl::CivilHour(2026, 11, 15, 12), absl::UTCTimeZone())) {}

  void Start(size_t max_bytes = size_t{1} << 20) {
    LicenseCacheOptions options;
    options.max_bytes = max_bytes;
    options.steady_now = [this] { return absl::Nanoseconds(steady_.load()); };
    options.sleep = [](absl::Duration) { absl::SleepFor(absl::Milliseconds(1)); };
    cache_ = std::make_unique<LicenseCache>(server_, options);
  }

  void Pass(absl::Duration time) {
    server_time_ += time;
    steady_ += absl::ToInt64Nanoseconds(time);
  }

  v1::WatchLicensesResponse Message(v1::SnapshotPart part, const std::string& token = "") {
    v1::WatchLicensesResponse message;
    message.set_snapshot(part);
    message.set_resume_token(token);
    const int64_t seconds = absl::ToUnixSeconds(server_time_);
    message.mutable_read_time()->set_seconds(seconds);
    message.mutable_read_time()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(server_time_ - absl::FromUnixSeconds(seconds))));
    return message;
  }

  static void AddCustomer(v1::WatchLicensesResponse& message, const std::string& id, bool whole = true) {
    v1::LicenseFact::Customer& customer = *message.add_facts()->mutable_customer();
    customer.set_name(absl::StrCat("customers/", id));
    customer.set_partner("partners/acme");
    customer.set_whole(whole);
  }

  // From 1 November, with grace up to the day after `last`.
  static void AddLicense(v1::WatchLicensesResponse& message, const std::string& customer, google::type::Date expiration,
                         google::type::Date grace_end, int units = 5) {
    v1::LicenseFact::License& license = *message.add_facts()->mutable_license();
    license.set_name(absl::StrCat("customers/", customer, "/licenses/one"));
    license.set_product(kBackup);
    license.set_units(units);
    license.set_expiration_notice_days(30);
    *license.mutable_start_date() = Day(2026, 11, 1);
    *license.mutable_expiration_date() = expiration;
    *license.mutable_grace_end_date() = grace_end;
  }

  void SendSnapshot(Wire& wire) {
    wire.Push(Message(v1::SNAPSHOT_BEGIN));
    v1::WatchLicensesResponse rows = Message(v1::SNAPSHOT_RESOURCES);
    rows.add_facts()->mutable_partner()->set_name("partners/acme");
    AddCustomer(rows, "bakery");
    AddLicense(rows, "bakery", Day(2026, 11, 16), Day(2026, 11, 17));
    wire.Push(rows);
    wire.Push(Message(v1::SNAPSHOT_COMPLETE, "7-token"));
    wire.AwaitTaken();
  }

  LicenseCache::Answer Ask(absl::string_view customer = kBakery) {
    const auto answer = cache_->Check(customer, kBackup);
    EXPECT_OK(answer.status());
    return answer.value_or(LicenseCache::Answer{std::make_shared<v1::CheckLicenseResponse>(), absl::InfinitePast()});
  }

  const std::shared_ptr<FakeServer> server_ = std::make_shared<FakeServer>();
  absl::Time server_time_;
  std::atomic<int64_t> steady_ = 1'000'000'000'000;
  std::unique_ptr<LicenseCache> cache_;
};

TEST_F(LicenseCacheTest, AsksTheServerUntilTheSnapshotIsComplete) {
  Start();
  const auto wire = server_->Stream(0);
  EXPECT_TRUE(Ask().from_server);
  wire->Push(Message(v1::SNAPSHOT_BEGIN));
  v1::WatchLicensesResponse rows = Message(v1::SNAPSHOT_RESOURCES);
  rows.add_facts()->mutable_partner()->set_name("partners/acme");
  AddCustomer(rows, "bakery");
  wire->Push(rows);
  wire->AwaitTaken();
  EXPECT_TRUE(Ask().from_server);
  EXPECT_FALSE(cache_->state().ready);
  wire->Push(Message(v1::SNAPSHOT_COMPLETE, "7-token"));
  wire->AwaitTaken();
  const auto answer = Ask();
  EXPECT_FALSE(answer.from_server);
  EXPECT_EQ(answer.response->reason(), v1::CheckLicenseResponse::NO_LICENSE);
  EXPECT_EQ(answer.read_time, server_time_);
  EXPECT_EQ(server_->asked, 2);
}

TEST_F(LicenseCacheTest, WhatFallsDueByTheCalendarNeedsNoMessage) {
  Start();
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  EXPECT_EQ(Ask().response->state(), v1::License::EXPIRING_SOON);
  const std::pair<v1::License::State, bool> days[] = {{v1::License::GRACE, true}, {v1::License::EXPIRED, false}};
  for (const auto& [state, usable] : days) {
    Pass(absl::Hours(24));
    wire->Push(Message(v1::SNAPSHOT_PART_UNSPECIFIED, "7-token"));
    wire->AwaitTaken();
    EXPECT_EQ(Ask().response->state(), state);
    EXPECT_EQ(Ask().response->usable(), usable);
  }
  EXPECT_EQ(server_->asked, 0);
}

TEST_F(LicenseCacheTest, AChangeIsSeenAtOnce) {
  Start();
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  EXPECT_EQ(Ask().response->units(), 5);
  v1::WatchLicensesResponse change = Message(v1::SNAPSHOT_PART_UNSPECIFIED, "8-token");
  AddLicense(change, "bakery", Day(2026, 12, 16), Day(2026, 12, 17), 6);
  wire->Push(change);
  wire->AwaitTaken();
  EXPECT_EQ(Ask().response->units(), 6);
  EXPECT_EQ(Ask().response->expiration_date().month(), 12);
}

TEST_F(LicenseCacheTest, KnowsItsStalenessAndAsksTheServerIfItIsTooOld) {
  Start();
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  Pass(absl::Seconds(4));
  EXPECT_EQ(cache_->state().staleness, absl::Seconds(4));
  EXPECT_FALSE(Ask().from_server);
  Pass(absl::Seconds(2));
  EXPECT_FALSE(cache_->state().ready);
  EXPECT_TRUE(Ask().from_server);
  wire->Push(Message(v1::SNAPSHOT_PART_UNSPECIFIED, "7-token"));
  wire->AwaitTaken();
  EXPECT_FALSE(Ask().from_server);
}

TEST_F(LicenseCacheTest, WhileTheMachineIsSuspendedWhatIsKnownGrowsOld) {
  cache_ = std::make_unique<LicenseCache>(server_);  // by the machine's clock
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  EXPECT_FALSE(Ask().from_server);
  testing::Suspend(absl::Minutes(1));
  EXPECT_GE(cache_->state().staleness, absl::Minutes(1));
  EXPECT_TRUE(Ask().from_server);
}

TEST_F(LicenseCacheTest, AroundMidnightTheServerSaysWhichDayItIs) {
  Start();
  const auto wire = server_->Stream(0);
  Pass(absl::Hours(12) - absl::Milliseconds(500));
  SendSnapshot(*wire);
  EXPECT_TRUE(Ask().from_server);
  Pass(absl::Seconds(2));
  EXPECT_FALSE(Ask().from_server);
}

TEST_F(LicenseCacheTest, WhatIsDueAndNotToldIsTheServersToSay) {
  Start();
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  v1::WatchLicensesResponse change = Message(v1::SNAPSHOT_PART_UNSPECIFIED, "8-token");
  AddLicense(change, "bakery", Day(2026, 11, 16), Day(2026, 11, 17));
  change.mutable_facts(0)->mutable_license()->set_subscription("customers/bakery/subscriptions/s");
  change.add_facts()->mutable_subscription()->set_name("customers/bakery/subscriptions/s");
  change.mutable_facts(1)->mutable_subscription()->set_renews(true);
  wire->Push(change);
  wire->AwaitTaken();
  EXPECT_EQ(Ask().response->state(), v1::License::ACTIVE);
  Pass(absl::Hours(24));
  wire->Push(Message(v1::SNAPSHOT_PART_UNSPECIFIED, "8-token"));
  wire->AwaitTaken();
  EXPECT_TRUE(Ask().from_server);  // for how long it renews, and with how many units
}

TEST_F(LicenseCacheTest, GoesOnAfterItsTokenAndBeginsAnewIfThatIsGone) {
  Start();
  SendSnapshot(*server_->Stream(0));
  server_->Stream(0)->End(absl::UnavailableError("the server stops"));
  const auto second = server_->Stream(1);
  EXPECT_FALSE(Ask().from_server);
  second->End(absl::OutOfRangeError("the token is gone"));
  const auto third = server_->Stream(2);
  EXPECT_THAT(server_->tokens(), ::testing::ElementsAre("", "7-token", ""));
  // What was known answers until there is something newer, or it is too old.
  third->Push(Message(v1::SNAPSHOT_BEGIN));
  third->AwaitTaken();
  EXPECT_EQ(Ask().response->units(), 5);
  v1::WatchLicensesResponse rows = Message(v1::SNAPSHOT_RESOURCES);
  rows.add_facts()->mutable_partner()->set_name("partners/acme");
  AddCustomer(rows, "bakery");
  third->Push(rows);
  third->Push(Message(v1::SNAPSHOT_COMPLETE, "1-other"));
  third->AwaitTaken();
  EXPECT_EQ(Ask().response->reason(), v1::CheckLicenseResponse::NO_LICENSE);
  EXPECT_EQ(server_->asked, 0);
}

TEST_F(LicenseCacheTest, AStreamThatBreaksInASnapshotIsBegunAnew) {
  Start();
  server_->Stream(0)->Push(Message(v1::SNAPSHOT_BEGIN));
  server_->Stream(0)->AwaitTaken();
  server_->Stream(0)->End(absl::UnavailableError("gone"));
  SendSnapshot(*server_->Stream(1));
  EXPECT_THAT(server_->tokens(), ::testing::ElementsAre("", ""));
  EXPECT_FALSE(Ask().from_server);
}

TEST_F(LicenseCacheTest, ACustomerThatIsNotKnownFromItsBeginningIsNotKnown) {
  Start();
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  v1::WatchLicensesResponse change = Message(v1::SNAPSHOT_PART_UNSPECIFIED, "8-token");
  AddCustomer(change, "florist", false);
  AddLicense(change, "florist", Day(2027, 1, 1), Day(2027, 1, 1));
  wire->Push(change);
  wire->AwaitTaken();
  EXPECT_TRUE(Ask("customers/florist").from_server);
  change = Message(v1::SNAPSHOT_PART_UNSPECIFIED, "9-token");
  change.add_facts()->set_unknown(kBakery);
  wire->Push(change);
  wire->AwaitTaken();
  EXPECT_TRUE(Ask().from_server) << "a change of it could not be read";
}

TEST_F(LicenseCacheTest, ItsMemoryIsBounded) {
  constexpr size_t kBytes = 100'000;
  Start(kBytes);
  const auto wire = server_->Stream(0);
  SendSnapshot(*wire);
  v1::WatchLicensesResponse rows = Message(v1::SNAPSHOT_PART_UNSPECIFIED, "8-token");
  for (int i = 0; i < 2000; ++i) {
    AddCustomer(rows, absl::StrCat("c", i));
    AddLicense(rows, absl::StrCat("c", i), Day(2027, 1, 1), Day(2027, 1, 1));
  }
  wire->Push(rows);
  wire->AwaitTaken();
  int known = 0;
  for (int i = 0; i < 2000; ++i) known += Ask(absl::StrCat("customers/c", i)).from_server ? 0 : 1;
  const LicenseCache::State state = cache_->state();
  EXPECT_LE(state.bytes, kBytes);
  EXPECT_GT(known, 50);
  EXPECT_LT(known, 500);
  EXPECT_EQ(state.customers, known + 1);
  EXPECT_EQ(state.customers_left_out, 2000 - known);
  EXPECT_EQ(Ask().response->units(), 5) << "who was known stays known";
}

TEST_F(LicenseCacheTest, NamesThatAreNoneAreTheServersToJudge) {
  Start();
  SendSnapshot(*server_->Stream(0));
  EXPECT_TRUE(cache_->Check("bakery", kBackup)->from_server);
  EXPECT_TRUE(cache_->Check(kBakery, "backup")->from_server);
  EXPECT_TRUE(cache_->Check(kBakery, "products/No such!")->from_server);
  v1::CheckLicenseRequest request;
  request.set_customer(kBakery);
  request.set_product(kBackup);
  const auto answer = cache_->CheckLicense(request);
  EXPECT_EQ(answer->read_time().seconds(), absl::ToUnixSeconds(server_time_));
  EXPECT_EQ(answer->license(), "customers/bakery/licenses/one");
}

}  // namespace
}  // namespace lmp::client
