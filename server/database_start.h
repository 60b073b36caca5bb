// Opens the database that the config names, and checks that it can be served from: it can be reached, its schema is
// ours, and this program knows the schema's version.
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
inline constexpr int kOldestSchema = 18;
inline constexpr int kNewestSchema = 18;

// A database as the config asks for it. An embedded one is started, and its (empty) schema created.
struct OpenedDatabase {
  std::unique_ptr<storage::EmbeddedServer> embedded;  // null with --mysql-url
  storage::DatabaseOptions options;
};
enum class IfMissing { kMake, kRefuse };
// Errors: those of EmbeddedServer::Start; INVALID_ARGUMENT (a wrong --mysql-url).
absl::StatusOr<OpenedDatabase> OpenDatabase(const Config& config, IfMissing if_missing);

// Migrates if `migrate` says so, checks that the schema is ours and complete, and returns the secret of page tokens.
// Errors: those of Connection::Open, Migrate and CheckSchema, and UNAVAILABLE while another server migrates.
// ShouldWait() tells which of them may pass.
absl::StatusOr<std::string> PrepareDatabase(const storage::DatabaseOptions& options, bool migrate);

// For the operator: "db.example:3306", or the socket's path; whether it is "verified" (each connection is encrypted,
// and the database's certificate was checked), "none", or not needed ("socket").
std::string AddressOf(const storage::DatabaseOptions& options);
std::string TlsOf(const storage::DatabaseOptions& options);

// Whether a server waits for this to pass, instead of ending: the database is away, or on its way. `since` it waits for
// a schema: another server's migration may not be over, or not have reached this node of a cluster.
bool ShouldWait(const absl::Status& status, absl::Duration since);

// A text for the operator: what failed, with the driver's own words if there are any.
std::string ExplainToOperator(const absl::Status& status);

}  // namespace lmp::server

#endif  // LMP_SERVER_DATABASE_START_H_
