#include "storage/mysql/schema_shape.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kPrimary[] = "PRIMARY";
constexpr char kColumns[] =
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()";
constexpr char kKeys[] =
    "SELECT DISTINCT table_name, index_name FROM information_schema.statistics WHERE table_schema = DATABASE()";

// Takes the next word off the text, such as "partners", "KEY", or a name in backquotes.
std::string NextWord(absl::string_view* text) {
  *text = absl::StripLeadingAsciiWhitespace(*text);
  const size_t end = std::min(text->find_first_of(" \n\t(,"), text->size());
  std::string word(text->substr(0, end));
  text->remove_prefix(end);
  word.erase(std::remove(word.begin(), word.end(), '`'), word.end());
  return word;
}

// If the text begins with the words, takes them off and returns true.
bool Take(absl::string_view* text, absl::string_view words) {
  absl::string_view rest = *text;
  for (absl::string_view word : absl::StrSplit(words, ' ')) {
    if (!absl::EqualsIgnoreCase(NextWord(&rest), word)) return false;
  }
  *text = rest;
  return true;
}

// Splits the text at commas that are in no parentheses and no quotes.
std::vector<absl::string_view> SplitClauses(absl::string_view text) {
  std::vector<absl::string_view> clauses;
  int depth = 0;
  bool quoted = false;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c != ',' || depth > 0) continue;
    clauses.push_back(absl::StripAsciiWhitespace(text.substr(start, i - start)));
    start = i + 1;
  }
  return clauses;
}

// Adds a column or key of CREATE TABLE, or what follows ADD.
void Add(absl::string_view clause, TableShape& table) {
  if (Take(&clause, "CONSTRAINT") || Take(&clause, "FOREIGN KEY") || Take(&clause, "CHECK")) return;
  if (Take(&clause, "PRIMARY KEY")) {
    table.keys.insert(kPrimary);
  } else if (Take(&clause, "UNIQUE KEY") || Take(&clause, "UNIQUE INDEX") || Take(&clause, "UNIQUE") ||
             Take(&clause, "KEY") || Take(&clause, "INDEX")) {
    table.keys.insert(NextWord(&clause));
  } else {
    Take(&clause, "COLUMN");
    table.columns.insert(NextWord(&clause));
    if (absl::StrContains(absl::AsciiStrToUpper(clause), " PRIMARY KEY")) table.keys.insert(kPrimary);
  }
}

void Drop(absl::string_view clause, TableShape& table) {
  if (Take(&clause, "CONSTRAINT") || Take(&clause, "FOREIGN KEY") || Take(&clause, "CHECK")) return;
  if (Take(&clause, "PRIMARY KEY")) {
    table.keys.erase(kPrimary);
  } else if (Take(&clause, "KEY") || Take(&clause, "INDEX")) {
    table.keys.erase(NextWord(&clause));
  } else {
    Take(&clause, "COLUMN");
    table.columns.erase(NextWord(&clause));
  }
}

// Removes comments, which may also stand at the end of a line.
std::string WithoutComments(absl::string_view sql) {
  std::string text;
  for (absl::string_view line : absl::StrSplit(sql, '\n'))
    absl::StrAppend(&text, line.substr(0, line.find(" -- ")), "\n");
  return text;
}

void Apply(absl::string_view sql, SchemaShape& shape) {
  if (Take(&sql, "CREATE TABLE")) {
    Take(&sql, "IF NOT EXISTS");
    TableShape& table = shape[NextWord(&sql)];
    const size_t open = sql.find('('), close = sql.rfind(')');
    for (absl::string_view clause : SplitClauses(sql.substr(open + 1, close - open - 1))) Add(clause, table);
  } else if (Take(&sql, "DROP TABLE")) {
    Take(&sql, "IF EXISTS");
    shape.erase(NextWord(&sql));
  } else if (Take(&sql, "ALTER TABLE")) {
    TableShape& table = shape[NextWord(&sql)];
    for (absl::string_view clause : SplitClauses(sql)) {
      if (Take(&clause, "ADD")) {
        Add(clause, table);
      } else if (Take(&clause, "DROP")) {
        Drop(clause, table);
      }
    }
  } else if (Take(&sql, "CREATE INDEX") || Take(&sql, "CREATE UNIQUE INDEX")) {
    std::string key = NextWord(&sql);
    Take(&sql, "ON");
    shape[NextWord(&sql)].keys.insert(std::move(key));
  } else if (Take(&sql, "DROP INDEX")) {
    const std::string key = NextWord(&sql);
    Take(&sql, "ON");
    shape[NextWord(&sql)].keys.erase(key);
  }
}

std::set<std::string> Both(const std::set<std::string>& one, const std::set<std::string>& other) {
  std::set<std::string> both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::inserter(both, both.end()));
  return both;
}

}  // namespace

SchemaShape ShapeOf(absl::Span<const Migration> migrations) {
  SchemaShape shape;
  for (const Migration& migration : migrations) {
    for (const std::string& sql : SplitStatements(migration.sql)) Apply(WithoutComments(sql), shape);
  }
  return shape;
}

absl::StatusOr<SchemaShape> LoadShape(Connection& connection) {
  SchemaShape shape;
  {
    ASSIGN_OR_RETURN(const auto rows, connection.Query(kColumns, {}));
    while (rows->Next()) shape[rows->String(0)].columns.insert(rows->String(1));
    RETURN_IF_ERROR(rows->status());
  }
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kKeys, {}));
  while (rows->Next()) shape[rows->String(0)].keys.insert(rows->String(1));
  RETURN_IF_ERROR(rows->status());
  shape.erase("schema_migrations");
  return shape;
}

std::vector<std::string> Missing(const SchemaShape& needed, const SchemaShape& there) {
  std::vector<std::string> missing;
  for (const auto& [name, table] : needed) {
    const auto found = there.find(name);
    if (found == there.end()) {
      missing.push_back(absl::StrCat("table ", name));
      continue;
    }
    for (const std::string& column : table.columns) {
      if (found->second.columns.count(column) == 0) missing.push_back(absl::StrCat("column ", name, ".", column));
    }
    for (const std::string& key : table.keys) {
      if (found->second.keys.count(key) == 0) missing.push_back(absl::StrCat("key ", name, ".", key));
    }
  }
  return missing;
}

SchemaShape Common(const SchemaShape& one, const SchemaShape& other) {
  SchemaShape common;
  for (const auto& [name, table] : one) {
    if (const auto found = other.find(name); found != other.end()) {
      common[name] = {Both(table.columns, found->second.columns), Both(table.keys, found->second.keys)};
    }
  }
  return common;
}

}  // namespace lmp::storage
