#include "tests/random/cached_checks.h"

#include "absl/strings/str_cat.h"
#include "server/wire/license_fact.h"
#include "tests/random/run.h"

namespace lmp::random_test {
namespace {

std::vector<Key> AllPairs(const World& world) {
  std::vector<Key> keys;
  for (const auto& [customer, row] : world.customers) {
    for (const auto& [product, unused] : world.products) keys.emplace_back(customer, product);
  }
  return keys;
}

}  // namespace

void CachedChecks::Take(const std::vector<model::Event>& events) {
  // As on the wire.
  for (const model::Event& event : events) {
    v1::LicenseFact fact;
    if (fact.ParseFromString(wire::FactOf(event).SerializeAsString())) facts_->Apply(fact);
  }
}

void CachedChecks::Take(const std::vector<RawEvent>& events) {
  std::vector<model::Event> taken;
  for (const RawEvent& from : events) {
    model::Event& event = taken.emplace_back();
    event.row_table = from.row.table;
    event.key1 = from.row.key1;
    event.key2 = from.row.key2;
    event.before = from.before;
    event.after = from.after;
    last_event_ = from.id;
  }
  Take(taken);
}

std::vector<std::string> CachedChecks::Compare(const std::vector<Key>& keys, Date today,
                                               const std::vector<v1::CheckLicenseResponse>& answers) {
  std::vector<std::string> wrong;
  for (size_t i = 0; i < keys.size(); ++i) {
    // Twice: the second is the kept one.
    for (int again = 0; again < 2; ++again) {
      const auto cached = facts_->Check(keys[i].first, keys[i].second, today);
      if (cached == nullptr) {
        ++asked_;
        break;
      }
      ++compared_;
      const std::string one = cached->ShortDebugString(), other = answers[i].ShortDebugString();
      if (one == other) continue;
      wrong.push_back(absl::StrCat(keys[i].first, " ", keys[i].second, ": the cache answers {", one,
                                   "},\n     the server {", other, "}"));
      break;
    }
  }
  return wrong;
}

void Run::CompareCache() {
  const auto events = system_.EventsAfter(cache_->last_event());
  if (!Ok(events, "reading events")) return;
  cache_->Take(*events);
  const std::vector<Key> keys = AllPairs(world_);
  if (keys.empty()) return;
  const auto answers = system_.CheckLicenses(keys);
  if (!Ok(answers, "checking licenses")) return;
  const int64_t compared = cache_->compared(), asked = cache_->asked();
  const auto wrong = cache_->Compare(keys, world_.today(), *answers);
  statistics_.plays["answers of a license cache that were compared"] += cache_->compared() - compared;
  statistics_.plays["checks for which a license cache asks the server"] += cache_->asked() - asked;
  if (!wrong.empty()) Fail("license cache", wrong.front());
}

// Now and then nothing has a number yet, and what the snapshot shows is set back.
void Run::CompareSnapshot() {
  if (world_.step % 2 == 0) {
    const absl::Status numbered = system_.Sequence();
    if (!numbered.ok()) return Fail("error", numbered.ToString());
  }
  const auto rows = system_.Snapshot();
  if (!Ok(rows, "reading a snapshot")) return;
  CachedChecks fresh;
  fresh.Take(*rows);
  const std::vector<Key> keys = AllPairs(world_);
  if (keys.empty()) return;
  const auto answers = system_.CheckLicenses(keys);
  if (!Ok(answers, "checking licenses")) return;
  const auto wrong = fresh.Compare(keys, world_.today(), *answers);
  statistics_.plays["answers of a license cache that began in the middle"] += fresh.compared();
  if (!wrong.empty()) Fail("license cache from a snapshot", wrong.front());
}

}  // namespace lmp::random_test
