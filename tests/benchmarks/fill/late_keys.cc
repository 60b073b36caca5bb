#include "tests/benchmarks/fill/late_keys.h"

#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/mysql/errors.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

constexpr char kUnchecked[] = "SET SESSION foreign_key_checks = 0";

// The lines of SHOW CREATE TABLE that say what a secondary key is.
absl::StatusOr<std::vector<std::string>> KeysOf(storage::Connection& connection, const std::string& table) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(absl::StrCat("SHOW CREATE TABLE ", table), {}));
  const std::string text = rows->Next() ? rows->String(1) : "";
  RETURN_IF_ERROR(rows->status());
  std::vector<std::string> keys;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripSuffix(absl::StripAsciiWhitespace(line), ",");
    if (absl::StartsWith(line, "KEY ") || absl::StartsWith(line, "UNIQUE KEY ")) keys.emplace_back(line);
  }
  return keys;
}

// KEY `name` (…) → `name`
std::string NameOf(const std::string& key) {
  const size_t from = key.find('`');
  return key.substr(from, key.find('`', from + 1) + 1 - from);
}

bool IsNeededByForeignKey(const absl::Status& status) {
  return status.GetPayload(storage::kMysqlErrnoPayload) == absl::Cord("1553");
}

}  // namespace

absl::StatusOr<LateKeys> LateKeys::PutOff(storage::Connection& connection, const std::vector<std::string>& tables) {
  LateKeys late;
  RETURN_IF_ERROR(connection.Execute(kUnchecked));
  for (const std::string& table : tables) {
    ASSIGN_OR_RETURN(std::vector<std::string> keys, KeysOf(connection, table));
    // On Oracle's MySQL the last one that a foreign key could use stays, though nothing is checked.
    for (const std::string& key : std::exchange(keys, {})) {
      const absl::Status dropped = connection.Execute(absl::StrCat("ALTER TABLE ", table, " DROP KEY ", NameOf(key)));
      if (IsNeededByForeignKey(dropped)) continue;
      RETURN_IF_ERROR(dropped);
      keys.push_back(key);
    }
    if (!keys.empty())
      late.statements_.push_back(absl::StrCat("ALTER TABLE ", table, " ADD ", absl::StrJoin(keys, ", ADD ")));
  }
  RETURN_IF_ERROR(connection.Execute("SET SESSION foreign_key_checks = 1"));
  return late;
}

absl::Status LateKeys::Make(const storage::DatabaseOptions& database) const {
  return RunOnTwo(database, kUnchecked, statements_);
}

absl::Status RunOnTwo(const storage::DatabaseOptions& database, const std::string& settings,
                      const std::vector<std::string>& statements) {
  std::atomic<size_t> next{0};
  std::array<absl::Status, 2> results;
  std::vector<std::thread> threads;
  for (absl::Status& result : results) {
    threads.emplace_back([&] {
      const auto connection = storage::Connection::Open(database);
      result = connection.ok() ? (*connection)->Execute(settings) : connection.status();
      for (size_t i = next++; i < statements.size() && result.ok(); i = next++) {
        result = (*connection)->Execute(statements[i]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& result : results) RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

}  // namespace lmp::bench
