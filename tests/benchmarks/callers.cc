#include "tests/benchmarks/callers.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lmp::bench {
namespace {

constexpr char kIssuer[] = "https://bench.example";

}  // namespace

absl::Status Callers::Write(const std::string& directory) {
  const std::string jwks = absl::StrCat(directory, "/jwks.json");
  auth_file_ = absl::StrCat(directory, "/auth.toml");
  std::ofstream(jwks) << issuer_.Jwks();
  std::ofstream file(auth_file_);
  file << "[[issuer]]\nissuer = \"" << kIssuer << "\"\naudience = \"lmp\"\njwks = \"" << jwks
       << "\"\nroles_claim = \"roles\"\n";
  file.close();
  return file ? absl::OkStatus() : absl::InternalError(absl::StrCat("can't write ", auth_file_));
}

std::vector<std::string> Callers::ServerArguments() const {
  return {"--auth-file", auth_file_, "--allow-anonymous-admin"};
}

std::string Callers::Token() const {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  return absl::StrCat("Bearer ", issuer_.Sign(nlohmann::json{{"iss", kIssuer},
                                                             {"aud", "lmp"},
                                                             {"sub", "checker"},
                                                             {"roles", {"CHECKER"}},
                                                             {"iat", now},
                                                             {"exp", now + 86400}}));
}

absl::StatusOr<std::string> Callers::ApiKey(const Stubs& stubs) const {
  grpc::ClientContext context;
  v1::CreateApiKeyRequest request;
  request.mutable_api_key()->add_roles(v1::CHECKER);
  v1::ApiKey key;
  const grpc::Status status = stubs.front().customers->CreateApiKey(&context, request, &key);
  if (!status.ok()) return absl::InternalError(absl::StrCat("no API key: ", status.error_message()));
  return absl::StrCat("Bearer ", key.secret());
}

}  // namespace lmp::bench
