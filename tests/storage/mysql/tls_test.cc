// With tls_ca set the connection is encrypted and the server's certificate verified, or there is no connection.
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

constexpr char kHost[] = "127.0.0.2";

// Nobody else listens there.
int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  EXPECT_EQ(inet_pton(AF_INET, kHost, &address.sin_addr), 1);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

// Self-signed certificates, each its own CA.
class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
    MakeCertificate("server", "localhost");
    MakeCertificate("stranger", "localhost");
    MakeCertificate("elsewhere", "db.example");
    MakeCertificate("here", kHost, "IP");
  }
  ~TlsTest() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string File(absl::string_view name) const { return absl::StrCat(directory_, "/", name); }

  void MakeCertificate(absl::string_view name, absl::string_view host, absl::string_view kind = "DNS") {
    const std::string command =
        absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=", host,
                     " -addext subjectAltName=", kind, ":", host, " -keyout ", File(name), ".key -out ", File(name),
                     ".pem 2>/dev/null && chmod 644 ", File(name), ".key");
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  // A server that shows that certificate, and how to reach it.
  void StartServer(absl::string_view certificate, std::vector<std::string> more_args = {}) {
    server_.reset();  // which has its port
    more_args.push_back(absl::StrCat("--ssl-cert=", File(certificate), ".pem"));
    more_args.push_back(absl::StrCat("--ssl-key=", File(certificate), ".key"));
    auto server = EmbeddedServer::Start(
        {.directory = File(absl::StrCat("db-", certificate)), .extra_args = std::move(more_args), .program = {}});
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

// Over TCP, and not at 127.0.0.1: of a server that is certainly local, newer connectors do not ask whose certificate it
// shows.
TEST_F(TlsTest, ACertificateForAnotherHostIsRefused) {
  const int port = FreePort();
  for (const char* certificate : {"elsewhere", "here"}) {
    StartServer(certificate,
                {"--skip-networking=0", absl::StrCat("--bind-address=", kHost), absl::StrCat("--port=", port)});
    {
      ASSERT_OK_AND_ASSIGN(std::unique_ptr<Connection> connection, Connection::Open(options_));
      ASSERT_OK(connection->Execute("CREATE USER caller"));
    }
    DatabaseOptions options;
    options.host = kHost;
    options.port = port;
    options.user = "caller";
    options.tls_ca = File(absl::StrCat(certificate, ".pem"));
    const absl::Status opened = Connection::Open(options).status();
    if (certificate == std::string("here")) {
      EXPECT_OK(opened);
    } else {
      EXPECT_THAT(opened, StatusIs(absl::StatusCode::kFailedPrecondition));
    }
  }
}

}  // namespace
}  // namespace lmp::storage
