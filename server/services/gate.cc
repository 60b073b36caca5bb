#include "server/services/gate.h"

#include <grpc/grpc_security_constants.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/auth/look.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/observe/log.h"
#include "server/wire/fields.h"
#include "server/wire/status.h"

namespace lmp::server {
namespace {

constexpr size_t kMaxWhy = 300;  // characters

std::vector<std::string> Properties(const grpc::AuthContext& context, const char* name) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : context.FindPropertyValues(name))
    values.emplace_back(value.data(), value.size());
  return values;
}

auth::CertificateNames NamesIn(const grpc::CallbackServerContext& context) {
  const auto properties = context.auth_context();
  if (properties == nullptr || !properties->IsPeerAuthenticated()) return {};
  const std::vector<std::string> common = Properties(*properties, GRPC_X509_CN_PROPERTY_NAME);
  return {.uris = Properties(*properties, GRPC_PEER_URI_PROPERTY_NAME),
          .dns = Properties(*properties, GRPC_PEER_DNS_PROPERTY_NAME),
          .common_name = common.size() == 1 ? common.front() : ""};
}

// The certificate of a connection was good at its handshake, which may be an hour ago.
absl::StatusOr<absl::Time> EndOfCertificate(const grpc::CallbackServerContext& context,
                                            const Gate::CheckCertificate& check) {
  const auto properties = context.auth_context();
  if (properties == nullptr || !properties->IsPeerAuthenticated()) return absl::InfiniteFuture();
  const std::vector<grpc::string_ref> pem = properties->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const std::vector<grpc::string_ref> chain = properties->FindPropertyValues(GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME);
  const auto view = [](const std::vector<grpc::string_ref>& values) {
    return values.empty() ? absl::string_view() : absl::string_view(values.front().data(), values.front().size());
  };
  return check(view(pem), view(chain));
}

absl::Status Denied(const auth::Identity& caller, const rpcs::Rpc& rpc) {
  const std::string permission(auth::NameOf(rpc.needs));
  return domain::Refuse(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat(caller.actor, " has no role with the permission ", permission, ", which ", rpc.name, " needs"),
      {.reason = domain::reason::kPermissionDenied, .metadata = {{"permission", permission}}});
}

void LogSummary(absl::string_view message, const auth::RefusedCallers::Summary& summary) {
  if (summary.counts.empty()) return;
  const std::string counts = absl::StrJoin(summary.counts, " ", [](std::string* out, const auto& count) {
    absl::StrAppend(out, count.first, "=", count.second);
  });
  Log(Severity::kWarning, message, {{"reasons", counts}, {"peers", summary.peers}});
}

}  // namespace

void Gate::Enter(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc,
                 std::function<void(absl::StatusOr<Caller>)> done) {
  Ask(context, method, rpc, Asked::kForCall, std::move(done));
}

void Gate::LookAgain(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc,
                     std::function<void(absl::StatusOr<Caller>)> done) {
  Ask(context, method, rpc, Asked::kAgain, std::move(done));
}

void Gate::Ask(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc, Asked asked,
               std::function<void(absl::StatusOr<Caller>)> done) {
  auth::Credentials credentials;
  if (check_ != nullptr) credentials.certificate_end = EndOfCertificate(context, check_);
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first != last) {
    credentials.authorization = absl::string_view(first->second.data(), first->second.size());
    // It would be a guess which of them counts.
    if (std::next(first) != last) credentials.authorization = "two of them";
    if (credentials.authorization.empty()) credentials.authorization = "an empty one";
  } else if (certificates_) {
    credentials.certificate = NamesIn(context);
  }
  authenticator_->Authenticate(credentials, [this, &context, &method, &rpc, asked, done = std::move(done)](
                                                absl::StatusOr<Caller> caller, const std::string& why) {
    const std::string actor = caller.ok() ? (*caller)->actor : "";
    if (caller.ok()) {
      if (const absl::Status status = Check(**caller, rpc, asked); !status.ok()) caller = status;
    }
    if (caller.ok() && asked == Asked::kForCall) let_in_.Add((*caller)->issuer);
    if (!caller.ok()) Note(asked, auth::HostOf(context.peer()), method, caller.status(), actor, why);
    done(std::move(caller));
  });
}

absl::Status Gate::Check(const auth::Identity& caller, const rpcs::Rpc& rpc, Asked asked) {
  if (!caller.May(rpc.needs)) return Denied(caller, rpc);
  if (asked == Asked::kAgain) return absl::OkStatus();
  const absl::Duration wait = rate_limit_.Take(caller.actor, absl::Now());
  if (wait == absl::ZeroDuration()) return absl::OkStatus();
  return domain::Refuse(absl::StatusCode::kResourceExhausted,
                        "too many calls of this caller: try again later, more slowly",
                        {.reason = domain::reason::kRateLimited,
                         .metadata = {{"retry_after_ms", absl::StrCat(absl::ToInt64Milliseconds(wait) + 1)}}});
}

void Gate::Note(Asked asked, const std::string& peer, const std::string& method, const absl::Status& status,
                const std::string& actor, const std::string& why) {
  const std::string reason = wire::ReasonOf(status);
  const bool refused = asked == Asked::kForCall || auth::IsVerdict(status);
  if (!(refused ? refused_ : unanswered_).Add(reason, peer, absl::Now())) return;
  Log(Severity::kWarning, refused ? "a caller was refused" : "who watches could not be looked up again",
      {{"peer", peer},
       {"method", method},
       {"reason", reason},
       {"caller", actor},
       // Of a token that nobody signed it may have any text.
       {"why", wire::FirstCharacters(why.empty() ? status.message() : why, kMaxWhy)}});
}

void Gate::LogRefused(absl::Time now) {
  authenticator_->Look();
  LogSummary("callers were refused in the last minute", refused_.TakeSummary(now));
  LogSummary("looks at who watches were not answered in the last minute", unanswered_.TakeSummary(now));
}

}  // namespace lmp::server
