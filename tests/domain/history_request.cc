#include "tests/domain/history_request.h"

#include "tests/domain/demo_catalog.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

template <class T>
bool Set(const std::optional<T>& value, std::optional<T>& target) {
  if (target.has_value()) return false;  // said twice
  target = value;
  return target.has_value();
}

bool Set(const std::string& value, std::string& target) {
  if (!target.empty()) return false;
  target = value;
  return true;
}

bool IsProduct(const std::string& id) { return Find(TheDemoCatalog().catalog->products, id) != nullptr; }

// The setting's name, if the phrase is one.
std::string Read(const std::vector<std::string>& words, Request& r) {
  const std::size_t n = words.size();
  const auto is = [&](std::size_t i, const char* word) { return i < n && words[i] == word; };
  if (n == 2 && is(1, "units") && Set(ParseNumber(words[0]), r.units)) return "units";
  if (n == 4 && is(1, "units") && is(2, "of") && IsProduct(words[3]) && ParseNumber(words[0])) {
    return r.units_of.emplace(words[3], *ParseNumber(words[0])).second ? "units" : "";
  }
  if (n == 2 && is(0, "from") && Set(ParseDate(words[1]), r.from)) return "from";
  if (n == 2 && is(0, "until") && Set(ParseDate(words[1]), r.until)) return "until";
  if (n == 3 && is(0, "together") && is(1, "with") && Set(words[2], r.together)) return "until";
  if (n == 3 && is(0, "for") && is(2, "months") && Set(ParseNumber(words[1]), r.months)) return "months";
  if (n == 1 && is(0, "renews") && Set<bool>(true, r.renews)) return "renews";
  if (n == 2 && is(0, "renews") && Set<bool>(true, r.renews) && Set(ParseNumber(words[1]), r.renewal_term)) {
    return "renews";
  }
  if (n == 2 && is(0, "no") && is(1, "renewal") && Set<bool>(false, r.renews)) return "renews";
  if (n == 3 && is(0, "renewal") && is(1, "term") && Set(ParseNumber(words[2]), r.renewal_term)) return "renews";
  if (n == 2 && is(0, "notice") && Set(ParseNumber(words[1]), r.notice)) return "notice";
  if (n == 2 && is(0, "minimum") && Set(ParseNumber(words[1]), r.minimum)) return "minimum";
  if (n == 2 && is(0, "as") && Set(words[1], r.name)) return "as";
  if (n == 2 && is(0, "to") && Set(words[1], r.to)) return "to";
  if (n == 2 && is(0, "add") && IsProduct(words[1])) return r.add.push_back(words[1]), "components";
  if (n == 2 && is(0, "remove") && IsProduct(words[1])) return r.remove.push_back(words[1]), "components";
  if (n == 2 && is(0, "by") && is(1, "force")) return r.force = true, "force";
  if (n == 2 && is(0, "crossgrade") && is(1, "automatic")) {
    return r.crossgrade.mode = CrossgradeMode::kAutomatic, "crossgrade";
  }
  if (n == 2 && is(0, "keep") && is(1, "latest")) {
    return r.crossgrade.expiration = CrossgradeExpiration::kKeepLatest, "crossgrade";
  }
  if (n == 2 && (is(0, "transfer") || is(0, "new")) && IsProduct(words[1])) {
    r.crossgrade.mode = CrossgradeMode::kExplicit;
    r.crossgrade.resolutions[words[1]] = is(0, "new") ? Resolution::kNewLicense : Resolution::kTransfer;
    return "crossgrade";
  }
  return "";
}

}  // namespace

bool ReadSetting(const std::string& phrase, Request& request) {
  const std::string name = Read(Words(phrase), request);
  request.given.insert(name);
  return !name.empty();
}

}  // namespace lmp::domain
