#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/src/request_id.h"
#include "lmp/connection.h"
#include "lmp/error.h"

namespace lmp::client {
namespace {

class RetryingConnection final : public Connection {
 public:
  RetryingConnection(std::shared_ptr<Connection> inner, const Options& options, Environment environment)
      : inner_(std::move(inner)),
        timeout_(options.timeout),
        retry_(options.retry),
        traceparent_(options.traceparent),
        environment_(std::move(environment)) {}

  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const CallOptions& options) override {
    const std::optional<std::string> request_id = RequestId(request);
    if (!request_id.has_value() || !request_id->empty()) {
      if (options.info != nullptr) options.info->request_id = request_id.value_or("");
      return CallWithRetries(method, request, response, options);
    }
    const std::string fresh = Uuid(environment_.random(), environment_.random());
    if (options.info != nullptr) options.info->request_id = fresh;
    return CallWithRetries(method, *WithRequestId(request, fresh), response, options);
  }

  absl::StatusOr<std::unique_ptr<MessageStream>> Open(absl::string_view method,
                                                      const google::protobuf::Message& request,
                                                      const CallOptions& options) override {
    return inner_->Open(method, request, Traced(options));
  }

 private:
  absl::Status CallWithRetries(absl::string_view method, const google::protobuf::Message& request,
                               google::protobuf::Message& response, const CallOptions& options) {
    const absl::Time deadline = environment_.now() + options.timeout.value_or(timeout_);
    CallOptions attempt_options = Traced(options);
    absl::Duration backoff = retry_.initial_backoff;
    for (int attempt = 1;; ++attempt) {
      attempt_options.timeout = deadline - environment_.now();
      if (options.info != nullptr) options.info->attempts = attempt;
      absl::Status status = inner_->Call(method, request, response, attempt_options);
      if (!absl::IsUnavailable(status) || attempt >= retry_.max_attempts) return status;
      if (retry_.keep_trying && !retry_.keep_trying(status, attempt)) return status;
      const absl::Duration wait =
          std::max(Jittered(backoff), GetErrorDetails(status).retry_delay.value_or(absl::ZeroDuration()));
      if (environment_.now() + wait >= deadline) return status;
      environment_.sleep(wait);
      backoff = std::min(retry_.max_backoff, backoff * retry_.multiplier);
    }
  }

  // The options with the trace that the call belongs to, unless they say that themselves.
  CallOptions Traced(CallOptions options) const {
    const auto found = std::find_if(options.metadata.begin(), options.metadata.end(),
                                    [](const auto& header) { return header.first == "traceparent"; });
    std::string traceparent;
    if (found != options.metadata.end()) {
      traceparent = found->second;
    } else if (traceparent_) {
      traceparent = traceparent_();
      if (!traceparent.empty()) options.metadata.emplace_back("traceparent", traceparent);
    }
    if (options.info != nullptr) options.info->traceparent = traceparent;
    return options;
  }

  // Returns a value drawn evenly from [backoff/2, backoff].
  absl::Duration Jittered(absl::Duration backoff) {
    const double unit = static_cast<double>(environment_.random() >> 11) * 0x1p-53;  // in [0, 1)
    return backoff * (0.5 + unit / 2);
  }

  const std::shared_ptr<Connection> inner_;
  const absl::Duration timeout_;
  const RetryPolicy retry_;
  const std::function<std::string()> traceparent_;
  const Environment environment_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MessageStream>> Connection::Open(absl::string_view method,
                                                                const google::protobuf::Message&, const CallOptions&) {
  return absl::UnimplementedError(absl::StrCat("this connection has no streams: ", method));
}

Environment Environment::Real() {
  return {.now = [] { return absl::Now(); },
          .sleep = [](absl::Duration wait) { absl::SleepFor(wait); },
          // Each number comes from the operating system: with a generator of our own, a forked child would make the
          // same request ids as its parent.
          .random =
              [] {
                std::random_device device;
                return (uint64_t{device()} << 32) | device();
              }};
}

std::shared_ptr<Connection> MakeRetryingConnection(std::shared_ptr<Connection> inner, const Options& options,
                                                   Environment environment) {
  return std::make_shared<RetryingConnection>(std::move(inner), options, std::move(environment));
}

std::shared_ptr<Connection> MakeConnection(const Options& options) {
  return MakeRetryingConnection(MakeGrpcConnection(options), options);
}

}  // namespace lmp::client
