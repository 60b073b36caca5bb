#include "tests/support/test_database.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/mysql/migrator.h"

namespace lmp::testing {
namespace {

using storage::Connection;
using storage::DatabaseOptions;
using storage::EmbeddedServer;

void OrDie(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  std::cerr << "test database: " << what << ": " << status << std::endl;
  std::abort();
}

template <typename T>
T OrDie(absl::StatusOr<T> result, absl::string_view what) {
  OrDie(result.status(), what);
  return *std::move(result);
}

std::string Environment(const char* name, absl::string_view otherwise) {
  const char* value = std::getenv(name);
  return std::string(value != nullptr ? value : otherwise);
}

std::string MakeDirectory() {
  std::string path = absl::StrCat(Environment("TMPDIR", "/tmp"), "/lmp-test-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) OrDie(absl::ErrnoToStatus(errno, path), "temporary directory");
  chmod(path.c_str(), 0755);  // the database has a user of its own, which must get in
  return path;
}

// Lives until exit. Nothing in it is worth a clean shutdown.
class Server final {
 public:
  Server() : directory_(MakeDirectory()) {
    server_ = OrDie(
        EmbeddedServer::Start({.directory = absl::StrCat(directory_, "/db"),
                               .extra_args = {"--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=32M"},
                               .program = TestDatabase::Program()}),
        "starting the server");
  }
  ~Server() {
    server_->Kill();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  EmbeddedServer& operator*() { return *server_; }

 private:
  const std::string directory_;
  std::unique_ptr<EmbeddedServer> server_;
};

std::unique_ptr<Connection> Open(const DatabaseOptions& options) {
  return OrDie(Connection::Open(options), "connecting");
}

}  // namespace

EmbeddedServer& TestDatabase::server() {
  static Server server;
  return *server;
}

std::string TestDatabase::Program() { return Environment("LMP_TEST_MYSQLD", ""); }

DatabaseOptions TestDatabase::ServerOptions() {
  DatabaseOptions options;
  options.socket = server().socket();
  options.user = "root";
  return options;
}

TestDatabase::TestDatabase(Schema schema) {
  static std::atomic<int> count = 0;
  name_ = absl::StrCat("lmp_test_", ++count);
  OrDie(Open(ServerOptions())
            ->Execute(absl::StrCat("CREATE DATABASE ", name_, " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")),
        "creating a schema");
  if (schema == Schema::kMigrated) OrDie(storage::Migrate(*Connect()), "migrating");
}

TestDatabase::~TestDatabase() {
  // Fails if a test has left the server down; the next one will tell.
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(ServerOptions());
  if (connection.ok()) (*connection)->Execute(absl::StrCat("DROP DATABASE ", name_)).IgnoreError();
}

DatabaseOptions TestDatabase::options() const {
  DatabaseOptions options = ServerOptions();
  options.database = name_;
  return options;
}

std::unique_ptr<Connection> TestDatabase::Connect() const { return Open(options()); }

}  // namespace lmp::testing
