// A real database for a test: one private server per test process, started by the first test that needs it, and a fresh
// schema in it for each TestDatabase. LMP_TEST_MYSQLD names another mariadbd or mysqld than the one in PATH.
#ifndef LMP_TESTS_SUPPORT_TEST_DATABASE_H_
#define LMP_TESTS_SUPPORT_TEST_DATABASE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "storage/embedded/embedded_server.h"
#include "storage/mysql/connection.h"

namespace lmp::testing {

class TestDatabase final {
 public:
  enum class Schema { kMigrated, kEmpty };

  // Creates the schema; with kMigrated all migrations have run on it. Aborts the process on failure: no test can go on.
  explicit TestDatabase(Schema schema = Schema::kMigrated);
  // Drops it. Its connections should be closed by then, or it waits for them to let go of their locks.
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  storage::DatabaseOptions options() const;
  const std::string& name() const { return name_; }

  // A connection of its own, beside any pool. Aborts on failure.
  std::unique_ptr<storage::Connection> Connect() const;

  // The process's server. Whoever kills it has to Restart() it. Stopped, and its directory removed, at exit.
  static storage::EmbeddedServer& server();
  // LMP_TEST_MYSQLD, or empty.
  static std::string Program();
  // User root, no schema.
  static storage::DatabaseOptions ServerOptions();

 private:
  std::string name_;
};

}  // namespace lmp::testing

#endif  // LMP_TESTS_SUPPORT_TEST_DATABASE_H_
