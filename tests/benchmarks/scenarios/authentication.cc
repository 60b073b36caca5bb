#include "tests/benchmarks/scenarios/authentication.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/status_macros.h"
#include "tests/auth/token_maker.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/client/tls_certificate.h"

namespace lmp::bench {
namespace {

constexpr char kIssuer[] = "https://bench.example";
constexpr char kSubject[] = "checker";

absl::Status Write(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  return out ? absl::OkStatus() : absl::InternalError(absl::StrCat("can't write ", file));
}

// The files by which servers know callers, and what the callers bring.
struct Papers {
  std::string auth_file, cert_file, key_file;
  client::Certificate certificate;  // the server's, the caller's, and its own authority
  std::string api_key, token;       // headers
};

std::string AuthFile(const std::string& jwks) {
  const auto binding = [](const char* issuer, const char* subject) {
    return absl::StrCat("[[binding]]\nissuer = \"", issuer, "\"\nsubject = \"", subject, "\"\nroles = [\"CHECKER\"]\n");
  };
  return absl::StrCat("[[issuer]]\nissuer = \"", kIssuer, "\"\naudience = \"lmp\"\njwks = \"", jwks, "\"\n",
                      binding(kIssuer, kSubject), binding("mtls", "dns:localhost"));
}

absl::StatusOr<std::string> MakeApiKey(const Stubs& stubs) {
  grpc::ClientContext context;
  v1::CreateApiKeyRequest request;
  request.mutable_api_key()->add_roles(v1::CHECKER);
  v1::ApiKey key;
  const grpc::Status status = stubs.front().customers->CreateApiKey(&context, request, &key);
  if (!status.ok()) return absl::InternalError(absl::StrCat("no API key: ", status.error_message()));
  return absl::StrCat("Bearer ", key.secret());
}

absl::StatusOr<Papers> MakePapers(const Testbed& testbed) {
  const auto file = [&](const char* name) { return absl::StrCat(testbed.directory(), "/", name); };
  Papers papers{.auth_file = file("auth.toml"), .cert_file = file("tls.pem"), .key_file = file("tls.key")};
  papers.certificate = client::MakeCertificate();
  const auth::TokenMaker issuer("RS256");
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  papers.token = absl::StrCat(
      "Bearer ",
      issuer.Sign({{"iss", kIssuer}, {"aud", "lmp"}, {"sub", kSubject}, {"iat", now}, {"exp", now + 86'400}}));
  ASSIGN_OR_RETURN(papers.api_key, MakeApiKey(testbed.service()));
  RETURN_IF_ERROR(Write(papers.cert_file, papers.certificate.cert));
  RETURN_IF_ERROR(Write(papers.key_file, papers.certificate.key));
  RETURN_IF_ERROR(Write(file("jwks"), issuer.Jwks()));
  RETURN_IF_ERROR(Write(papers.auth_file, AuthFile(file("jwks"))));
  return papers;
}

// A server, and a connection to it.
struct Door {
  ServerProcess process;
  Stubs stubs;

  ~Door() {
    if (process.child != nullptr) StopServer(process);
  }
};

absl::Status Open(Testbed& testbed, const std::vector<std::string>& arguments, const Papers* tls, Door& door) {
  ASSIGN_OR_RETURN(door.process, testbed.StartBeside(arguments));
  const int channels = testbed.options().channels;
  if (tls == nullptr) {
    door.stubs = Connect(door.process.port, channels);
  } else {
    const client::Certificate& own = tls->certificate;
    door.stubs = Connect(
        door.process.port, channels,
        grpc::SslCredentials({.pem_root_certs = own.cert, .pem_private_key = own.key, .pem_cert_chain = own.cert}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureAuthentication(Testbed& testbed) {
  const Options& options = testbed.options();
  ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, options.check_customers));
  const std::vector<std::string>& ids = licensed.customers;
  ASSIGN_OR_RETURN(const Papers papers, MakePapers(testbed));
  const std::vector<std::string> tls = {"--tls-cert", papers.cert_file, "--tls-key", papers.key_file};
  std::vector<std::string> mutual = tls;
  mutual.insert(mutual.end(), {"--tls-client-ca", papers.cert_file, "--auth-file", papers.auth_file});
  Door open, known, open_tls, known_tls;
  RETURN_IF_ERROR(Open(testbed, {}, nullptr, open));
  RETURN_IF_ERROR(Open(testbed, {"--auth-file", papers.auth_file}, nullptr, known));
  RETURN_IF_ERROR(Open(testbed, tls, &papers, open_tls));
  RETURN_IF_ERROR(Open(testbed, mutual, &papers, known_tls));
  struct Form {
    const char* name;
    const Door& door;
    std::string authorization;
  };
  const Form forms[] = {{kCheckAnonymous, open, ""},
                        {kCheckKey, known, papers.api_key},
                        {kCheckToken, known, papers.token},
                        {kCheckAnonymousTls, open_tls, ""},
                        {kCheckCertificate, known_tls, ""}};
  const Limit limit{.time = absl::Seconds(options.seconds)};
  for (int round = -1; round < options.rounds; ++round) {
    for (const Form& form : forms) {
      const Work work = CheckWork(form.door.stubs, ids, std::nullopt, form.authorization);
      const auto load = [&] { return RunClosed(options.judged(), limit, work); };
      if (round < 0) RETURN_IF_ERROR(FirstError(load()));  // warm up
      if (round >= 0) {
        RETURN_IF_ERROR(testbed.MeasureServer(form.name, options.judged(), load, form.door.process.child->pid()));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace lmp::bench
