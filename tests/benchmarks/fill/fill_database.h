// A database for a population: a server of its own in a temporary directory, with the migrated schema "lmp", started as
// filling wants it: memory and log for so many rows, and nothing safe should the machine fail meanwhile.
#ifndef LMP_TESTS_BENCHMARKS_FILL_FILL_DATABASE_H_
#define LMP_TESTS_BENCHMARKS_FILL_FILL_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/embedded/embedded_server.h"
#include "storage/mysql/connection.h"
#include "tests/benchmarks/servers/temporary_directory.h"

namespace lmp::bench {

class FillDatabase final {
 public:
  // `program` as in EmbeddedServerOptions. Errors: those of EmbeddedServer::Start and of the migrations.
  static absl::StatusOr<std::unique_ptr<FillDatabase>> Start(int64_t licenses, const std::string& program = "");
  // Its data go with it.
  ~FillDatabase();

  storage::DatabaseOptions options() const;
  storage::Connection& connection() { return *connection_; }

  // Writes everything to disk and ends the server; any other can go on with the data, e.g.
  // `lmp-server serve --embedded-mysql DIRECTORY/db`. Errors: those of EmbeddedServer::Stop.
  absl::Status Stop();
  const std::string& directory() const { return directory_.path(); }

 private:
  FillDatabase() = default;

  TemporaryDirectory directory_;
  std::unique_ptr<storage::EmbeddedServer> server_;
  std::unique_ptr<storage::Connection> connection_;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_FILL_DATABASE_H_
