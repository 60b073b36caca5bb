// From what the config says to a database that can be served from: reached, ours, of a version that we know.
#ifndef LMP_SERVER_DATABASE_START_H_
#define LMP_SERVER_DATABASE_START_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/config.h"
#include "storage/embedded/embedded_server.h"
#include "storage/mysql/connection.h"

namespace lmp::server {

// Schema versions that this program works with: a range, so that old and new run side by side during an upgrade.
inline constexpr int kOldestSchema = 10;
inline constexpr int kNewestSchema = 10;

// A database as the config says: an embedded one is started, and its (empty) schema created.
struct OpenedDatabase {
  std::unique_ptr<storage::EmbeddedServer> embedded;  // none with --mysql-url
  storage::DatabaseOptions options;
};
enum class IfMissing { kMake, kRefuse };
// Errors: those of EmbeddedServer::Start; INVALID_ARGUMENT (--mysql-url).
absl::StatusOr<OpenedDatabase> OpenDatabase(const Config& config, IfMissing if_missing);

// Migrates if told to, looks whether the schema is ours and whole, and returns the secret of page tokens. Errors: those
// of Connection::Open, Migrate and CheckSchema, and UNAVAILABLE while somebody else migrates; ShouldWait() tells which
// of them may pass.
absl::StatusOr<std::string> PrepareDatabase(const storage::DatabaseOptions& options, bool migrate);

// Whether a server waits for this to pass, instead of ending: the database is away, or on its way. `since` it waits for
// a schema: another server's migration may not be over, or not have reached this node of a cluster.
bool ShouldWait(const absl::Status& status, absl::Duration since);

// For the operator: what failed, with the driver's own words where there are any.
std::string ExplainToOperator(const absl::Status& status);

}  // namespace lmp::server

#endif  // LMP_SERVER_DATABASE_START_H_
