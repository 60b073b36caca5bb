#include "server/database_start.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/list_queries.h"
#include "storage/mysql/errors.h"
#include "storage/mysql/migrator.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr char kSchema[] = "lmp";
constexpr absl::Duration kSchemaPatience = absl::Seconds(15);

}  // namespace

absl::StatusOr<OpenedDatabase> OpenDatabase(const Config& config, IfMissing if_missing) {
  OpenedDatabase opened;
  if (config.embedded_mysql.empty()) {
    ASSIGN_OR_RETURN(opened.options, MysqlOptions(config));
    return opened;
  }
  const bool make = if_missing == IfMissing::kMake;
  ASSIGN_OR_RETURN(opened.embedded, storage::EmbeddedServer::Start({.directory = config.embedded_mysql, .make = make}));
  opened.options.socket = opened.embedded->socket();
  opened.options.user = "root";
  if (make) {
    ASSIGN_OR_RETURN(const auto connection, storage::Connection::Open(opened.options));
    RETURN_IF_ERROR(connection->Execute(
        absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kSchema, " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")));
  }
  opened.options.database = kSchema;
  return opened;
}

absl::StatusOr<std::string> PrepareDatabase(const storage::DatabaseOptions& options, bool migrate) {
  if (migrate) {
    storage::DatabaseOptions patient = options;
    patient.read_timeout = absl::InfiniteDuration();  // because DDL takes its time
    ASSIGN_OR_RETURN(const auto connection, storage::Connection::Open(patient));
    RETURN_IF_ERROR(storage::Migrate(*connection));
  }
  ASSIGN_OR_RETURN(const auto connection, storage::Connection::Open(options));
  const absl::Status fits = storage::CheckSchema(*connection, kOldestSchema, kNewestSchema);
  if (storage::IsSchemaMismatch(fits)) {
    ASSIGN_OR_RETURN(const bool changing, storage::IsBeingMigrated(*connection));
    if (changing) return absl::UnavailableError("the database is being migrated, and waited for");
  }
  RETURN_IF_ERROR(fits);
  return storage::LoadPageTokenSecret(*connection);
}

bool ShouldWait(const absl::Status& status, absl::Duration since) {
  if (absl::IsUnavailable(status)) return true;
  return storage::IsSchemaMismatch(status) && since < kSchemaPatience;
}

std::string ExplainToOperator(const absl::Status& status) {
  const auto text = status.GetPayload(storage::kMysqlTextPayload);
  return absl::StrCat(status.message(),
                      text.has_value() ? absl::StrCat("; the driver says: ", std::string(*text)) : "");
}

std::string AddressOf(const storage::DatabaseOptions& options) {
  return options.socket.empty() ? absl::StrCat(options.host, ":", options.port) : options.socket;
}

std::string TlsOf(const storage::DatabaseOptions& options) {
  if (!options.tls_ca.empty()) return "verified";  // no connection comes about without (Connection::Open)
  return options.socket.empty() ? "none" : "socket";
}

}  // namespace lmp::server
