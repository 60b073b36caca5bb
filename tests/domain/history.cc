#include "tests/domain/history.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/domain/demo_catalog.h"

namespace lmp::domain {
namespace {

// "40 of 100 assigned, minimum 10": a pool of the partner; what is assigned of it, others have.
std::function<void(Story&)> ReadPool(const std::string& product_id, const std::string& value) {
  if (Find(TheDemoCatalog().catalog->products, product_id) == nullptr) return nullptr;
  model::LicensePool pool{.partner_id = Life::kPartner, .product_id = product_id};
  if (!ReadPoolLine(value, pool)) return nullptr;
  return [pool](Story& story) {
    story.life.world.pools[KeyOf(pool)] = pool;
    story.elsewhere[KeyOf(pool)] = pool.assigned;
  };
}

class HistoryReader final {
 public:
  explicit HistoryReader(const Line& line) {
    history_.name = line.value;
    history_.where = line.where;
  }

  void Read(const Line& line) {
    const std::vector<std::string> key = Words(line.key);
    bool understood = false;
    if (key.size() == 2 && key[0] == "on") {
      understood = ReadDated(key[1], line);
    } else if (history_.lines.empty()) {
      understood = ReadGiven(key, line);
    }
    if (!understood) Problem(line.where, absl::StrCat("can't read \"", line.key, ": ", line.value, "\""));
  }

  History Finish() {
    if (history_.name.empty()) Problem(history_.where, "the case has no name");
    bool expects = false;
    for (const HistoryLine& line : history_.lines) expects |= line.look != nullptr || !line.refused.empty();
    if (!expects) Problem(history_.where, "the case expects nothing");
    return std::move(history_);
  }

 private:
  void Problem(const std::string& where, const std::string& text) {
    history_.problems.push_back(absl::StrCat(where, ": ", text));
  }

  bool ReadGiven(const std::vector<std::string>& key, const Line& line) {
    if (key.size() != 2) return false;
    if (key[0] == "pool") {
      history_.given.push_back(ReadPool(key[1], line.value));
      return history_.given.back() != nullptr;
    }
    if (key[0] != "plan") return false;
    model::Catalog with_plan = *TheDemoCatalog().catalog;
    if (!ReadCatalogLine(line, with_plan).empty()) return false;
    history_.given.push_back([plan = *Find(with_plan.service_plans, key[1])](Story& story) {
      story.life.world.MutableCatalog().service_plans[KeyOf(plan)] = plan;
    });
    return true;
  }

  // "on DATE: expect …", "on DATE: refused REASON: …", "on DATE: …"
  bool ReadDated(const std::string& date, const Line& line) {
    const auto day = ParseDate(date);
    if (!day.has_value()) return false;
    if (!history_.lines.empty() && *day < history_.lines.back().day) Problem(line.where, "is before the line above");
    HistoryLine dated{.where = line.where, .text = line.value, .day = *day};
    absl::string_view rest = line.value;
    if (absl::ConsumePrefix(&rest, "expect ")) {
      dated.look = ReadExpectation(std::string(rest));
    } else {
      if (absl::ConsumePrefix(&rest, "refused ")) {
        const std::size_t colon = rest.find(':');
        if (colon == absl::string_view::npos || colon == 0) return false;
        dated.refused = std::string(rest.substr(0, colon));
        rest.remove_prefix(colon + 1);
      }
      dated.act = ReadVerb(std::string(rest));
    }
    const bool understood = dated.act != nullptr || dated.look != nullptr;
    history_.lines.push_back(std::move(dated));
    return understood;
  }

  History history_;
};

}  // namespace

absl::StatusOr<model::RowKey> Named(const std::map<std::string, model::RowKey>& names, const std::string& name) {
  if (name.empty() && names.size() == 1) return names.begin()->second;
  const auto named = names.find(name);
  if (named != names.end()) return named->second;
  return absl::InvalidArgumentError(name.empty() ? "say which one" : absl::StrCat("nothing is called ", name));
}

void PrintTo(const History& history, std::ostream* out) { *out << history.where << ": " << history.name; }

std::vector<History> ReadHistories(const std::string& file) {
  VectorFile vectors = ReadVectorFile(file);
  std::vector<History> histories;
  std::optional<HistoryReader> reader;
  for (const Line& line : vectors.lines) {
    if (line.key == "case") {
      if (reader.has_value()) histories.push_back(reader->Finish());
      reader.emplace(line);
    } else if (reader.has_value()) {
      reader->Read(line);
    } else {
      vectors.problems.push_back(absl::StrCat(line.where, ": before the first \"case:\""));
    }
  }
  if (reader.has_value()) histories.push_back(reader->Finish());
  if (!vectors.problems.empty()) {
    histories.push_back({.name = "lines that could not be read", .where = file, .problems = vectors.problems});
  }
  return histories;
}

}  // namespace lmp::domain
