#include "tests/benchmarks/fill/fill_database.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/mysql/migrator.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

constexpr int64_t kMinPool = int64_t{128} << 20, kMostPool = int64_t{12} << 30, kPoolBytesPerLicense = 8000;
constexpr int64_t kMinLog = int64_t{64} << 20, kMostLog = int64_t{4} << 30, kLogBytesPerLicense = 4000;

std::vector<std::string> Arguments(int64_t licenses) {
  const int64_t memory = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  const int64_t most_pool = std::max(kMinPool, std::min(kMostPool, memory / 2));
  return {
      // From the start: the table by which the server finds a page in its pool keeps the size that it has then.
      absl::StrCat("--innodb-buffer-pool-size=", std::clamp(licenses * kPoolBytesPerLicense, kMinPool, most_pool)),
      absl::StrCat("--loose-innodb-log-file-size=", std::clamp(licenses * kLogBytesPerLicense, kMinLog, kMostLog)),
      "--innodb-log-buffer-size=128M", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
      // Else a statement that inserts events keeps their counter to itself until it ends, also when it gives the ids.
      "--innodb-autoinc-lock-mode=2",
      // For the keys, which are made last.
      "--innodb-sort-buffer-size=32M",
      // Pages are written as fast as the disk takes them.
      "--innodb-io-capacity=50000", "--innodb-io-capacity-max=100000"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<FillDatabase>> FillDatabase::Start(int64_t licenses, const std::string& program) {
  auto it = std::unique_ptr<FillDatabase>(new FillDatabase());
  RETURN_IF_ERROR(it->directory_.Make());
  ASSIGN_OR_RETURN(it->server_, storage::EmbeddedServer::Start({.directory = absl::StrCat(it->directory(), "/db"),
                                                                .extra_args = Arguments(licenses),
                                                                .program = program}));
  storage::DatabaseOptions no_schema = it->options();
  no_schema.database.clear();
  ASSIGN_OR_RETURN(it->connection_, storage::Connection::Open(no_schema));
  RETURN_IF_ERROR(it->connection_->Execute(
      absl::StrCat("CREATE DATABASE ", it->options().database, " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")));
  ASSIGN_OR_RETURN(it->connection_, storage::Connection::Open(it->options()));
  RETURN_IF_ERROR(storage::Migrate(*it->connection_));
  return it;
}

FillDatabase::~FillDatabase() {
  connection_.reset();
  if (server_ != nullptr) server_->Kill();
}

storage::DatabaseOptions FillDatabase::options() const {
  return {.socket = server_->socket(), .user = "root", .database = "lmp", .read_timeout = absl::InfiniteDuration()};
}

absl::Status FillDatabase::Stop() {
  connection_.reset();
  const absl::Status status = server_->Stop();
  server_.reset();  // lets go of the directory
  return status;
}

}  // namespace lmp::bench
