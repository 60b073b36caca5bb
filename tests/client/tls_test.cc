#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lmp/licensing_client.h"
#include "tests/client/scripted_server.h"
#include "tests/client/tls_certificate.h"

namespace lmp::client {
namespace {

// A server that speaks TLS and wants a client certificate.
class TlsTest : public testing::Test {
 protected:
  TlsTest() : server_(ServerCredentials()) {
    server_.Always<v1::CheckLicenseRequest, v1::CheckLicenseResponse>("CheckLicense", v1::CheckLicenseResponse());
  }

  std::shared_ptr<grpc::ServerCredentials> ServerCredentials() const {
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = client_.cert;
    options.pem_key_cert_pairs = {{.private_key = own_.key, .cert_chain = own_.cert}};
    return grpc::SslServerCredentials(options);
  }
  absl::Status Check(std::variant<InsecureCredentials, TlsCredentials> credentials) const {
    Options options;
    options.target = absl::StrCat("localhost:", server_.port());
    options.credentials = std::move(credentials);
    options.retry.max_attempts = 1;
    return LicensingClient(MakeConnection(options)).CheckLicense({}).status();
  }

  const Certificate own_ = MakeCertificate();
  const Certificate client_ = MakeCertificate();
  ScriptedServer server_;
};

TEST_F(TlsTest, WorksWithBothSidesCertified) {
  EXPECT_EQ(Check(TlsCredentials{.ca = own_.cert, .cert = client_.cert, .key = client_.key}), absl::OkStatus());
}

TEST_F(TlsTest, FailsWithoutTrustWithoutACertificateAndWithoutTls) {
  EXPECT_TRUE(absl::IsUnavailable(Check(TlsCredentials{.cert = client_.cert, .key = client_.key})));
  EXPECT_TRUE(absl::IsUnavailable(Check(TlsCredentials{.ca = own_.cert})));
  EXPECT_TRUE(absl::IsUnavailable(Check(InsecureCredentials{})));
}

}  // namespace
}  // namespace lmp::client
