#include "client/src/local_target.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/error.h"
#include "lmp/licensing_client.h"

namespace lmp::client {
namespace {

using ::testing::HasSubstr;

TEST(IsLocalTarget, KnowsThisMachine) {
  for (const char* target : {"127.0.0.1:50051", "127.8.8.8", "localhost:50051", "LOCALHOST", "[::1]:50051", "::1",
                             "unix:/run/lmp.sock", "unix-abstract:lmp", "dns:///localhost:50051", "dns:localhost",
                             "ipv4:127.0.0.1:1", "ipv6:[::1]:1", "dns://8.8.8.8/127.0.0.1:1"}) {
    EXPECT_TRUE(IsLocalTarget(target)) << target;
  }
}

TEST(IsLocalTarget, AndOthers) {
  for (const char* target :
       {"lmp.example:50051", "10.0.0.1:50051", "128.0.0.1", "localhost.example", "127.0.0.1.example:1", "[::2]:50051",
        "[::ffff:127.0.0.1]:1", "dns:///lmp.example", "dns://127.0.0.1/lmp.example:1", "ipv4:127.0.0.1:1,10.0.0.1:1",
        "xds:///lmp", "", ":50051", "dns:", "dns://"}) {
    EXPECT_FALSE(IsLocalTarget(target)) << target;
  }
}

// Nobody listens there, and the call ends before anything would be sent.
TEST(BearerToken, IsNotSentInTheClearToAnotherMachine) {
  Options options;
  options.target = "192.0.2.1:50051";
  options.bearer_token = "secret";
  options.timeout = absl::Milliseconds(50);
  const absl::Status refused = LicensingClient(MakeConnection(options)).CheckLicense({}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("TLS"));
  const auto code = [](const Options& changed) {
    return LicensingClient(MakeConnection(changed)).CheckLicense({}).status().code();
  };
  Options allowed = options;
  allowed.allow_plaintext_token = true;
  EXPECT_NE(code(allowed), absl::StatusCode::kFailedPrecondition);
  Options with_tls = options;
  with_tls.credentials = TlsCredentials{};
  EXPECT_NE(code(with_tls), absl::StatusCode::kFailedPrecondition);
  Options without_token = options;
  without_token.bearer_token = "";
  EXPECT_NE(code(without_token), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace lmp::client
