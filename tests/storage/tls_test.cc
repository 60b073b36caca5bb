// With tls_ca set the connection is encrypted and the server's certificate verified, or there is no connection.
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/connection.h"
#include "storage/embedded_server.h"
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
    for (const char* name : {"server", "stranger"}) {
      const std::string path = absl::StrCat(directory_, "/", name);
      EXPECT_EQ(std::system(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                                         " -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ",
                                         path, ".key -out ", path, ".pem 2>/dev/null && chmod 644 ", path, ".key")
                                .c_str()),
                0);
    }
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  }
  ~TlsTest() override { std::filesystem::remove_all(directory_); }

  std::string File(absl::string_view name) const { return absl::StrCat(directory_, "/", name); }

  std::string directory_ = "/tmp/lmp-tls-XXXXXX";
};

TEST_F(TlsTest, AServerWithoutTlsIsRefused) {
  TestDatabase database(TestDatabase::Schema::kEmpty);
  DatabaseOptions options = database.options();
  EXPECT_OK(Connection::Open(options));
  options.tls_ca = File("server.pem");
  EXPECT_THAT(Connection::Open(options), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(TlsTest, OnlyAServerWithACertificateOfOursIsAccepted) {
  ASSERT_OK_AND_ASSIGN(
      std::unique_ptr<EmbeddedServer> server,
      EmbeddedServer::Start({.directory = File("db"),
                             .extra_args = {absl::StrCat("--ssl-cert=", File("server.pem")),
                                            absl::StrCat("--ssl-key=", File("server.key"))}}));
  DatabaseOptions options;
  options.socket = server->socket();
  options.user = "root";
  options.tls_ca = File("server.pem");
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<Connection> connection, Connection::Open(options));
  auto rows = *connection->Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {});
  ASSERT_TRUE(rows->Next());
  EXPECT_NE(rows->String(1), "");
  options.tls_ca = File("stranger.pem");
  EXPECT_THAT(Connection::Open(options), StatusIs(absl::StatusCode::kFailedPrecondition));
  options.tls_ca = File("missing.pem");
  EXPECT_FALSE(Connection::Open(options).ok());
}

}  // namespace
}  // namespace lmp::storage
