#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#if __has_include(<grpcpp/impl/proto_utils.h>)
#include <grpcpp/impl/proto_utils.h>
#else
#include <grpcpp/impl/codegen/proto_utils.h>  // needed before gRPC 1.53
#endif

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "client/src/local_target.h"
#include "lmp/connection.h"
#include "lmp/error.h"

namespace lmp::client {
namespace {

// A server that restarts is found again within a second. By default gRPC waits up to two minutes between attempts to
// connect, so every retry of ours would fail without even trying.
constexpr int kFirstReconnectMs = 100;
constexpr int kMaxReconnectMs = 1000;
constexpr int kKeepaliveMs = 20'000;         // of silence, until the server is asked whether it is still there,
constexpr int kKeepaliveTimeoutMs = 10'000;  // and has so long to say so

std::shared_ptr<grpc::Channel> MakeChannel(const Options& options) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (const auto* tls = std::get_if<TlsCredentials>(&options.credentials)) {
    credentials =
        grpc::SslCredentials({.pem_root_certs = tls->ca, .pem_private_key = tls->key, .pem_cert_chain = tls->cert});
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kMaxReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMs);
  // Else a stream to a host that vanished without a word would wait for ever. No data need be sent for it.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(-1);  // because a page of 1000 large resources is more than gRPC's 4 MiB
  if (!options.user_agent.empty()) arguments.SetUserAgentPrefix(options.user_agent);
  return grpc::CreateCustomChannel(options.target, credentials, arguments);
}

bool IsPrintable(absl::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

// A reason is text in any language, but a header is ASCII. So other bytes, and "%" itself, are sent as %XX, as in
// grpc-message.
std::string PercentEncoded(absl::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c < ' ' || c > '~' || c == '%') {
      absl::StrAppendFormat(&result, "%%%02X", static_cast<unsigned char>(c));
    } else {
      result.push_back(c);
    }
  }
  return result;
}

absl::Status ToAbsl(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  if (!status.error_details().empty()) result.SetPayload(kStatusPayload, absl::Cord(status.error_details()));
  return result;
}

// A queue of its own for each, so that whoever reads waits in its own thread.
class GrpcStream final : public MessageStream {
 public:
  using Stub = grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message>;

  ~GrpcStream() override {
    if (stream_ != nullptr && !finished_) {
      context_.TryCancel();
      Finish().IgnoreError();
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  grpc::ClientContext& context() { return context_; }

  void Start(Stub& stub, const std::string& method, const google::protobuf::Message& request) {
    stream_ = stub.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(nullptr);
    if (!Await()) return;
    stream_->WriteLast(request, grpc::WriteOptions(), nullptr);
    Await();
  }

  bool Read(google::protobuf::Message& message) override {
    stream_->Read(&message, nullptr);
    return Await();
  }

  absl::Status Finish() override {
    grpc::Status status;
    stream_->Finish(&status, nullptr);
    Await();
    finished_ = true;
    return ToAbsl(status);
  }

  void Cancel() override { context_.TryCancel(); }

 private:
  // The end of the one thing that is under way.
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<google::protobuf::Message, google::protobuf::Message>> stream_;
  bool finished_ = false;
};

class GrpcConnection final : public Connection {
 public:
  explicit GrpcConnection(const Options& options)
      : channel_(MakeChannel(options)),
        stub_(channel_),
        timeout_(options.timeout),
        reason_(options.reason),
        authorization_(options.bearer_token.empty() ? "" : absl::StrCat("Bearer ", options.bearer_token)),
        in_the_clear_(!options.bearer_token.empty() && !options.allow_plaintext_token &&
                      std::holds_alternative<InsecureCredentials>(options.credentials) &&
                      !IsLocalTarget(options.target)) {}

  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const CallOptions& options) override {
    grpc::ClientContext context;
    if (absl::Status status = Prepare(options, options.timeout.value_or(timeout_), context); !status.ok())
      return status;
    AwaitReconnect(options.timeout.value_or(timeout_));
    const grpc::Status status = Run(std::string(method), request, response, context);
    if (options.info != nullptr) {
      const auto& trailer = context.GetServerTrailingMetadata();
      const auto replayed = trailer.find("lmp-replayed");
      options.info->replayed = replayed != trailer.end() && replayed->second == "true";
    }
    return ToAbsl(status);
  }

  absl::StatusOr<std::unique_ptr<MessageStream>> Open(absl::string_view method,
                                                      const google::protobuf::Message& request,
                                                      const CallOptions& options) override {
    auto stream = std::make_unique<GrpcStream>();
    const absl::Duration timeout = options.timeout.value_or(absl::InfiniteDuration());
    if (absl::Status status = Prepare(options, timeout, stream->context()); !status.ok()) return status;
    AwaitReconnect(std::min(timeout, timeout_));
    stream->Start(stub_, std::string(method), request);
    return stream;
  }

 private:
  // gRPC pays attention to its attempts to connect only while somebody waits for it, otherwise once in 5 s; and a call
  // does not wait on a channel whose last attempt failed. So after a failure we wait, until there is a connection or an
  // attempt has had its time, but never so long that no time is left for the call to return UNAVAILABLE.
  void AwaitReconnect(absl::Duration timeout) {
    if (channel_->GetState(/*try_to_connect=*/true) != GRPC_CHANNEL_TRANSIENT_FAILURE) return;
    const absl::Duration patience = std::min(timeout / 2, absl::Milliseconds(kMaxReconnectMs));
    channel_->WaitForStateChange(GRPC_CHANNEL_TRANSIENT_FAILURE, absl::ToChronoTime(absl::Now() + patience));
  }

  // The generic stub takes any message by its base class. The call has a queue of its own, so that this thread can wait
  // for it.
  grpc::Status Run(const std::string& method, const google::protobuf::Message& request,
                   google::protobuf::Message& response, grpc::ClientContext& context) {
    grpc::CompletionQueue queue;
    auto call = stub_.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    return status;
  }

  absl::Status Prepare(const CallOptions& options, absl::Duration timeout, grpc::ClientContext& context) const {
    if (timeout < absl::InfiniteDuration()) context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    if (in_the_clear_) {
      return absl::FailedPreconditionError(
          "a bearer token is not sent without TLS to another machine: everybody on the way could read it");
    }
    if (!authorization_.empty()) {
      // On a header that is not ASCII, gRPC would end the process.
      if (!IsPrintable(authorization_)) return absl::InvalidArgumentError("the bearer token is not printable ASCII");
      context.AddMetadata("authorization", authorization_);
    }
    const std::string& reason = options.reason.empty() ? reason_ : options.reason;
    if (!reason.empty()) context.AddMetadata("lmp-reason", PercentEncoded(reason));
    for (const auto& [key, value] : options.metadata) {
      if (!IsPrintable(value)) {
        return absl::InvalidArgumentError(absl::StrCat("the metadata ", key, " is not printable ASCII"));
      }
      context.AddMetadata(key, value);
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<grpc::Channel> channel_;
  grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message> stub_;
  const absl::Duration timeout_;
  const std::string reason_;
  const std::string authorization_;
  const bool in_the_clear_;  // the token would go over a network as it is
};

}  // namespace

std::shared_ptr<Connection> MakeGrpcConnection(const Options& options) {
  return std::make_shared<GrpcConnection>(options);
}

}  // namespace lmp::client
