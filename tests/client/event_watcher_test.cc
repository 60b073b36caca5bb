// The watcher goes on by itself, after its last token.
#include "lmp/event_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/client/error_samples.h"
#include "tests/support/status_matchers.h"

namespace lmp::client {
namespace {

using ::testing::ElementsAre;

// What a stream brings, and how it ends.
struct Script {
  std::vector<std::string> tokens;
  absl::Status end;
};

class ScriptedStream final : public MessageStream {
 public:
  explicit ScriptedStream(Script script) : script_(std::move(script)) {}

  bool Read(google::protobuf::Message& message) override {
    if (next_ >= script_.tokens.size()) return false;
    static_cast<v1::WatchEventsResponse&>(message).set_resume_token(script_.tokens[next_++]);
    return true;
  }
  absl::Status Finish() override { return script_.end; }
  void Cancel() override { script_ = {{}, absl::CancelledError("")}; }

 private:
  Script script_;
  size_t next_ = 0;
};

class ScriptedConnection final : public Connection {
 public:
  absl::Status Call(absl::string_view, const google::protobuf::Message&, google::protobuf::Message&,
                    const CallOptions&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::unique_ptr<MessageStream>> Open(absl::string_view method,
                                                      const google::protobuf::Message& request,
                                                      const CallOptions&) override {
    EXPECT_EQ(method, "/lmp.v1.LicensingService/WatchEvents");
    begun_after.push_back(static_cast<const v1::WatchEventsRequest&>(request).resume_token());
    if (scripts.empty()) return absl::UnavailableError("nobody there");
    auto stream = std::make_unique<ScriptedStream>(scripts.front());
    scripts.pop_front();
    return stream;
  }

  std::deque<Script> scripts;
  std::vector<std::string> begun_after;
};

class EventWatcherTest : public ::testing::Test {
 protected:
  EventWatcher Watcher() {
    v1::WatchEventsRequest request;
    request.set_resume_token("earliest");
    return EventWatcher(connection_, request,
                        {.give_up_after = absl::Seconds(60),
                         .now = [this] { return now_; },
                         .sleep = [this](absl::Duration wait) { waits_.push_back(wait), now_ += wait; }});
  }

  const std::shared_ptr<ScriptedConnection> connection_ = std::make_shared<ScriptedConnection>();
  absl::Time now_ = absl::UnixEpoch();
  std::vector<absl::Duration> waits_;
};

TEST_F(EventWatcherTest, GoesOnAfterItsLastTokenWhenAStreamEnds) {
  connection_->scripts = {{{"1-a", "2-b"}, absl::UnavailableError("the server stops")},
                          {{}, absl::OkStatus()},
                          {{"3-c"}, absl::OkStatus()}};
  EventWatcher watcher = Watcher();
  for (const char* token : {"1-a", "2-b", "3-c"}) {
    const auto message = watcher.Next();
    ASSERT_THAT(message, testing::IsOk());
    EXPECT_EQ(message->resume_token(), token);
    EXPECT_EQ(watcher.resume_token(), token);
  }
  EXPECT_THAT(connection_->begun_after, ElementsAre("earliest", "2-b", "2-b"));
  EXPECT_THAT(waits_, ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200)));
}

TEST_F(EventWatcherTest, WaitsForAsLongAsAServerThatHasNoPlaceSays) {
  const auto full = [](const auto&... details) {
    return ServerError(absl::StatusCode::kResourceExhausted, v1::OVERLOADED, "too many watch", details...);
  };
  connection_->scripts = {{{}, full()}, {{}, full(RetryAfter(7))}, {{"1-a"}, absl::OkStatus()}};
  EventWatcher watcher = Watcher();
  ASSERT_THAT(watcher.Next(), testing::IsOk());
  EXPECT_THAT(waits_, ElementsAre(absl::Milliseconds(100), absl::Seconds(7)));
  EXPECT_EQ(watcher.resume_token(), "1-a");
}

TEST_F(EventWatcherTest, GoesOnAfterItWasCutOffForTakingNothing) {
  connection_->scripts = {{{"1-a"}, absl::CancelledError("on the server side")}, {{"2-b"}, absl::OkStatus()}};
  EventWatcher watcher = Watcher();
  ASSERT_THAT(watcher.Next(), testing::IsOk());
  ASSERT_THAT(watcher.Next(), testing::IsOk());
  EXPECT_EQ(watcher.resume_token(), "2-b");
}

TEST_F(EventWatcherTest, OtherErrorsAreReturned) {
  // The latter is gRPC's own: a message is too large, and would be again.
  for (const absl::Status& error : {absl::OutOfRangeError("too old"), absl::ResourceExhaustedError("5 MiB")}) {
    connection_->scripts = {{{}, error}};
    EXPECT_EQ(Watcher().Next().status(), error);
  }
  EXPECT_THAT(waits_, ElementsAre());
}

TEST_F(EventWatcherTest, GivesUpWhenItsTimeIsOver) {
  EXPECT_EQ(Watcher().Next().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_GE(now_ - absl::UnixEpoch(), absl::Seconds(60));
  EXPECT_EQ(waits_.back(), absl::Seconds(5));
}

TEST_F(EventWatcherTest, CanBeCanceledForGood) {
  connection_->scripts = {{{"1-a", "2-b"}, absl::OkStatus()}};
  EventWatcher watcher = Watcher();
  ASSERT_THAT(watcher.Next(), testing::IsOk());
  watcher.Cancel();
  EXPECT_EQ(watcher.Next().status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace lmp::client
