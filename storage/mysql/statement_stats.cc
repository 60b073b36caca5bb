#include "storage/mysql/statement_stats.h"

#include <algorithm>
#include <memory>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lmp::storage {
namespace {

constexpr size_t kTail = 32;  // bytes; FOR UPDATE, and what may follow it, is at the very end

// The word that begins here; empty if it begins with anything but a letter.
absl::string_view Word(absl::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  size_t end = 0;
  while (end < text.size() && (absl::ascii_isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
  return text.substr(0, end);
}

// The first table after one of these words; what follows in brackets is looked into. JSON_TABLE(…) is none: it has what
// is asked for.
absl::string_view TableAfter(absl::string_view sql, absl::string_view word) {
  for (size_t at = sql.find(word); at != absl::string_view::npos; at = sql.find(word, at + 1)) {
    const absl::string_view table = Word(sql.substr(at + word.size()));
    if (!table.empty() && table != "JSON_TABLE") return table;
  }
  return "";
}

absl::string_view FirstTable(absl::string_view sql) {
  constexpr absl::string_view kFrom = "FROM ";
  const absl::string_view table = TableAfter(sql, kFrom);
  // A STRAIGHT_JOIN before the columns names none.
  return table.empty() ? TableAfter(sql.substr(std::min(sql.find(kFrom), sql.size())), "JOIN ") : table;
}

}  // namespace

std::pair<absl::string_view, absl::string_view> StatementName(absl::string_view sql) {
  // A limit of time for one SELECT is written before it.
  if (absl::StartsWith(sql, "SET STATEMENT")) sql = sql.substr(std::min(sql.find("SELECT"), sql.size()));
  while (!sql.empty() && (sql.front() == '(' || sql.front() == ' ')) sql.remove_prefix(1);
  const absl::string_view verb = Word(sql);
  if (verb == "SELECT") {
    const absl::string_view tail = sql.substr(sql.size() - std::min(sql.size(), kTail));
    return {absl::StrContains(tail, "FOR UPDATE") ? "LOCK" : verb, FirstTable(sql)};
  }
  if (verb == "DELETE") return {verb, FirstTable(sql)};
  if (verb == "INSERT" || verb == "REPLACE") return {verb, TableAfter(sql, "INTO ")};
  if (verb == "UPDATE") {
    const absl::string_view table = Word(sql.substr(verb.size()));
    return {verb, table.empty() ? TableAfter(sql, "JOIN ") : table};
  }
  return {verb, ""};
}

StatementStats::~StatementStats() {
  for (const std::atomic<Counters*>& slot : slots_) delete slot.load();
}

StatementStats::Counters& StatementStats::Of(absl::string_view sql) {
  const auto [verb, table] = StatementName(sql);
  size_t slot = absl::Hash<std::pair<absl::string_view, absl::string_view>>()({verb, table}) % kSlots;
  for (;; slot = (slot + 1) % kSlots) {
    Counters* const found = slots_[slot].load(std::memory_order_acquire);
    if (found == nullptr) return Add(verb, table, slot);
    if (found->verb == verb && found->table == table) return *found;
  }
}

StatementStats::Counters& StatementStats::Add(absl::string_view verb, absl::string_view table, size_t slot) {
  absl::MutexLock lock(&mutex_);
  for (;; slot = (slot + 1) % kSlots) {
    Counters* const found = slots_[slot].load(std::memory_order_acquire);
    if (found == nullptr) break;
    if (found->verb == verb && found->table == table) return *found;  // another thread was faster
  }
  if (names_ >= kMaxNames) return other_;
  ++names_;
  auto made = std::make_unique<Counters>();
  made->verb = std::string(verb);
  made->table = std::string(table);
  Counters* const added = made.release();
  slots_[slot].store(added, std::memory_order_release);
  return *added;
}

std::vector<const StatementStats::Counters*> StatementStats::All() const {
  std::vector<const Counters*> all;
  for (const std::atomic<Counters*>& slot : slots_) {
    if (const Counters* const one = slot.load(std::memory_order_acquire); one != nullptr) all.push_back(one);
  }
  if (other_.count.load(std::memory_order_relaxed) > 0) all.push_back(&other_);
  return all;
}

void DatabaseWork::Add(const StatementStats::Counters& name, int64_t rows_of_it, absl::Duration took) {
  ++statements;
  rows += rows_of_it;
  const auto found = std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == &name; });
  Part& part = found == parts.end() ? parts.emplace_back(Part{.name = &name}) : *found;
  ++part.count;
  part.took += took;
}

std::string DatabaseWork::Slowest(size_t count) const {
  std::vector<Part> sorted(parts.begin(), parts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const Part& a, const Part& b) { return a.took > b.took; });
  std::string text;
  for (size_t i = 0; i < std::min(count, sorted.size()); ++i) {
    const int64_t micros = absl::ToInt64Microseconds(sorted[i].took);
    absl::StrAppend(&text, text.empty() ? "" : ", ", sorted[i].name->name(), " ", micros / 1000, ".",
                    absl::Dec(micros % 1000, absl::kZeroPad3), " ms");
    if (sorted[i].count > 1) absl::StrAppend(&text, " in ", sorted[i].count);
  }
  return text;
}

}  // namespace lmp::storage
