// What a schema must have for this program to work with it: tables, columns and keys, as the migrations make them. So a
// schema that somebody changed by hand is noticed at the start, with the name of what is missing, instead of by calls
// that fail later.
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
  // "PRIMARY" and keys with a name of their own; not those that InnoDB adds for foreign keys
  std::set<std::string> keys;
  bool operator==(const TableShape&) const = default;
};
using SchemaShape = std::map<std::string, TableShape>;

// The shape after these migrations have run. It understands the SQL that the rule for writers of migrations allows
// (migrator.h); a test compares the result with a real database.
SchemaShape ShapeOf(absl::Span<const Migration> migrations);

// The shape of the connection's database, without `schema_migrations`. Errors: those of a query.
absl::StatusOr<SchemaShape> LoadShape(Connection& connection);

// What `needed` has and `there` lacks: "table x", "column x.y", "key x.z".
std::vector<std::string> Missing(const SchemaShape& needed, const SchemaShape& there);

// What both have.
SchemaShape Common(const SchemaShape& one, const SchemaShape& other);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_SCHEMA_SHAPE_H_
