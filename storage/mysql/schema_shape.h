// What a schema must have for this program to work on it: tables, columns and keys, as the migrations make them. So a
// schema that somebody changed by hand is noticed at the start, and by its name, instead of by the calls that then
// fail.
#ifndef LMP_STORAGE_MYSQL_SCHEMA_SHAPE_H_
#define LMP_STORAGE_MYSQL_SCHEMA_SHAPE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/mysql/connection.h"
#include "storage/mysql/migrator.h"

namespace lmp::storage {

struct TableShape {
  std::set<std::string> columns;
  std::set<std::string> keys;  // "PRIMARY" and those with a name; not those that InnoDB adds for foreign keys
  bool operator==(const TableShape&) const = default;
};
using SchemaShape = std::map<std::string, TableShape>;

// After these migrations have run. Of their SQL it understands what the rule for writers of migrations allows
// (migrator.h); a test compares it with a real database's.
SchemaShape ShapeOf(absl::Span<const Migration> migrations);

// Of the connection's database, `schema_migrations` apart. Errors: those of a query.
absl::StatusOr<SchemaShape> LoadShape(Connection& connection);

// What is in `needed` and not in `there`: "table x", "column x.y", "key x.z".
std::vector<std::string> Missing(const SchemaShape& needed, const SchemaShape& there);

// What is in both.
SchemaShape Common(const SchemaShape& one, const SchemaShape& other);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_SCHEMA_SHAPE_H_
