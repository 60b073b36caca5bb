// With tls_ca set the connection is encrypted and the server's certificate verified, or there is no connection.
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/embedded/embedded_server.h"
#include "storage/mysql/connection.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;

// Self-signed certificates, each its own CA.
class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
    MakeCertificate("server", "localhost");
    MakeCertificate("stranger", "localhost");
    MakeCertificate("elsewhere", "db.example");
  }
  ~TlsTest() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string File(absl::string_view name) const { return absl::StrCat(directory_, "/", name); }

  void MakeCertificate(absl::string_view name, absl::string_view host) {
    const std::string command =
        absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=", host,
                     " -addext subjectAltName=DNS:", host, " -keyout ", File(name), ".key -out ", File(name),
                     ".pem 2>/dev/null && chmod 644 ", File(name), ".key");
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  // A server that shows that certificate, and how to reach it.
  void StartServer(absl::string_view certificate) {
    auto server = EmbeddedServer::Start({.directory = File(absl::StrCat("db-", certificate)),
                                         .extra_args = {absl::StrCat("--ssl-cert=", File(certificate), ".pem"),
                                                        absl::StrCat("--ssl-key=", File(certificate), ".key")},
                                         .program = {}});
    ASSERT_OK(server);
    server_ = *std::move(server);
    options_.socket = server_->socket();
    options_.user = "root";
  }

  std::string directory_ = "/tmp/lmp-tls-XXXXXX";
  std::unique_ptr<EmbeddedServer> server_;
  DatabaseOptions options_;
};

TEST_F(TlsTest, AServerWithoutTlsIsRefused) {
  TestDatabase database(TestDatabase::Schema::kEmpty);
  DatabaseOptions options = database.options();
  EXPECT_OK(Connection::Open(options));
  options.tls_ca = File("server.pem");
  EXPECT_THAT(Connection::Open(options), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(TlsTest, OnlyAServerWithACertificateOfOursIsAccepted) {
  StartServer("server");
  options_.tls_ca = File("server.pem");
  {
    ASSERT_OK_AND_ASSIGN(std::unique_ptr<Connection> connection, Connection::Open(options_));
    ASSERT_OK_AND_ASSIGN(std::unique_ptr<ResultSet> rows,
                         connection->Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {}));
    ASSERT_TRUE(rows->Next());
    EXPECT_NE(rows->String(1), "");
  }
  options_.tls_ca = File("stranger.pem");
  EXPECT_THAT(Connection::Open(options_), StatusIs(absl::StatusCode::kFailedPrecondition));
  options_.tls_ca = File("missing.pem");
  EXPECT_FALSE(Connection::Open(options_).ok());
}

TEST_F(TlsTest, ACertificateForAnotherHostIsRefused) {
  StartServer("elsewhere");
  options_.tls_ca = File("elsewhere.pem");
  EXPECT_THAT(Connection::Open(options_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace lmp::storage
