#include "server/health_check.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "health.pb.h"

namespace lmp::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kMethod[] = "/grpc.health.v1.Health/Check";
constexpr absl::Duration kTimeout = absl::Seconds(4);  // less than supervisors wait before they give up

// The certificate is not verified: callers verify it, because they know the name by which they connect. Here only the
// port counts.
std::shared_ptr<grpc::ChannelCredentials> UnverifiedTls() {
  namespace tls = grpc::experimental;
  tls::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  return tls::TlsCredentials(options);
}

grpc::ByteBuffer Serialized(const HealthCheckRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

bool ParseFrom(grpc::ByteBuffer& bytes, HealthCheckResponse& response) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok() && response.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

grpc::Status Ask(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                 HealthCheckResponse& response) {
  HealthCheckRequest request;
  request.set_service(service);
  const grpc::ByteBuffer sent = Serialized(request);
  grpc::ByteBuffer received;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeout));
  grpc::Status status;
  absl::Notification done;
  grpc::GenericStub(channel).UnaryCall(&context, kMethod, grpc::StubOptions(), &sent, &received,
                                       [&](const grpc::Status& answer) {
                                         status = answer;
                                         done.Notify();
                                       });
  done.WaitForNotification();
  if (status.ok() && !ParseFrom(received, response)) return {grpc::StatusCode::INTERNAL, "its answer can't be read"};
  return status;
}

}  // namespace

std::string LocalTarget(const std::string& listen) {
  for (const auto& [all, one] :
       {std::pair<absl::string_view, absl::string_view>{"0.0.0.0:", "127.0.0.1:"}, {"[::]:", "[::1]:"}}) {
    if (absl::StartsWith(listen, all)) return absl::StrCat(one, listen.substr(all.size()));
  }
  return listen;
}

absl::Status CheckHealth(const Config& config, const std::string& service) {
  const bool apart = !config.health_listen.empty();
  if (!apart && !config.tls_client_ca.empty()) {
    return absl::InvalidArgumentError(
        "--tls-client-ca lets in who has a certificate only: give --health-listen too, and ask there");
  }
  const std::string target = LocalTarget(apart ? config.health_listen : config.listen);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const bool tls = !apart && !config.tls_cert.empty();
  const auto channel =
      grpc::CreateCustomChannel(target, tls ? UnverifiedTls() : grpc::InsecureChannelCredentials(), arguments);
  HealthCheckResponse response;
  const grpc::Status status = Ask(channel, service, response);
  if (!status.ok())
    return absl::UnavailableError(absl::StrCat("no answer from ", target, ": ", status.error_message()));
  if (response.status() == HealthCheckResponse::SERVING) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(target, " says ", HealthCheckResponse::ServingStatus_Name(response.status())));
}

}  // namespace lmp::server
