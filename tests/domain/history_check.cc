// What histories expect to see. A line lists facts; each must be one of those that hold of the thing today.
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/status.h"
#include "tests/domain/history.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using model::License;
using model::World;
using Facts = std::set<std::string>;

// The facts, or why there are none.
using Look = std::function<absl::StatusOr<Facts>(const Story&, const Life::View&)>;

std::string Counted(const char* what, int count) { return absl::StrCat(what, " ", count); }

// The file's name for a row; "" if it has none there.
std::string NameIn(const std::map<std::string, model::RowKey>& names, const model::RowKey& key) {
  for (const auto& [name, named] : names) {
    if (named == key) return name;
  }
  return "";
}

// The license that "PRODUCT", "PRODUCT of NAME" or "PRODUCT of bakery" means: the one that goes on, else the last.
absl::StatusOr<License> FindLicense(const Story& story, const World& world, const std::string& product_id,
                                    const std::string& of) {
  model::RowKey owner{of == Life::kNeighbour ? of : Life::kCustomer, ""};
  if (!of.empty() && of != Life::kNeighbour) {
    const auto named = Named(story.subscriptions, of);
    if (!named.ok()) return named.status();
    owner = *named;
  }
  std::vector<const License*> open, closed;
  for (const auto& [key, license] : Range(world.licenses, owner.first)) {
    if (license.product_id != product_id) continue;
    if (!owner.second.empty() && license.subscription_id != owner.second) continue;
    (license.closed ? closed : open).push_back(&license);
  }
  if (open.size() > 1) return absl::InvalidArgumentError("there are several: say of which subscription");
  if (open.size() == 1) return *open[0];
  if (closed.empty()) return absl::NotFoundError(absl::StrCat("there is no license of ", product_id));
  const License* last = closed[0];
  for (const License* license : closed) {
    const auto age = [](const License& l) { return std::pair(l.license_id.size(), l.license_id); };  // "id-9" < "id-10"
    if (age(*last) < age(*license)) last = license;
  }
  return *last;
}

Facts FactsOf(const Story& story, const World& world, const License& license) {
  const LicenseDates dates = DatesIn(world, license);
  Facts facts = {
      std::string(NameOf(LicenseStateIn(world, license, story.life.today))),
      absl::StrCat(license.units, " units"),
      absl::StrCat("from ", ToString(license.start_date)),
      absl::StrCat("until ", ToString(dates.expiration)),
      absl::StrCat("grace to ", ToString(dates.grace_end)),
      Counted("notice", license.expiration_notice_days),
      std::string(NameOf(license.version)),
      license.nfr ? "NFR" : "not NFR",
      dates.renewal.has_value() ? absl::StrCat("renews on ", ToString(*dates.renewal)) : "does not renew",
      absl::StrCat("issued ", ToString(story.issued.at(license.license_id))),
      license.activation_code.has_value() ? absl::StrCat("code ", *license.activation_code) : "no code",
  };
  if (license.subscription_id.has_value()) {
    facts.insert(absl::StrCat("of ", NameIn(story.subscriptions, {license.customer_id, *license.subscription_id})));
  } else {
    facts.insert("unbundled");
  }
  return facts;
}

// A license, or that there is none (any more).
absl::StatusOr<Facts> LookAtLicense(const Story& story, const World& world, const std::vector<std::string>& words) {
  const auto license = FindLicense(story, world, words[0], words.size() == 3 ? words[2] : "");
  if (!license.ok()) return license.status();
  return FactsOf(story, world, *license);
}

absl::StatusOr<Facts> LookAtSubscription(const Story& story, const World& world, const std::string& name) {
  const auto key = Named(story.subscriptions, name);
  if (!key.ok()) return key.status();
  const model::Subscription& subscription = world.subscriptions.at(*key);
  const model::ServicePlan* plan = Find(world.catalog->service_plans, subscription.service_plan_id);
  Facts facts = {
      std::string(model::NameOf(SubscriptionStateIn(world, subscription, story.life.today))),
      absl::StrCat("plan ", subscription.service_plan_id),
      subscription.terms.auto_renewal ? Counted("renews", subscription.terms.renewal_term_months) : "no renewal",
      Counted("grace", subscription.terms.grace_period_days),
      Counted("notice", subscription.terms.expiration_notice_days),
      Counted("waiting changes", subscription.pending_changes),
      plan != nullptr && plan->components != subscription.components ? "updates available" : "up to date",
      absl::StrCat("of ", absl::StrJoin(subscription.components, " ")),
  };
  facts.insert(subscription.replaced_by.has_value()
                   ? absl::StrCat("replaced by ", NameIn(story.subscriptions, {key->first, *subscription.replaced_by}))
                   : "not replaced");
  return facts;
}

absl::StatusOr<Facts> LookAtChange(const Story& story, const World& world, const std::string& name) {
  const auto key = Named(story.changes, name);
  if (!key.ok()) return key.status();
  const model::ScheduledChange& change = world.scheduled_changes.at(*key);
  return Facts{std::string(model::NameOf(change.state)), change.outcome.empty() ? "says nothing" : "says why"};
}

absl::StatusOr<Facts> LookAtPool(const World& world, const std::string& product_id) {
  const model::LicensePool* pool = Find(world.pools, Life::kPartner, product_id);
  if (pool == nullptr) return absl::NotFoundError(absl::StrCat("there is no pool of ", product_id));
  return Facts{absl::StrCat(pool->assigned, " of ", pool->total, " assigned"), Counted("minimum", pool->minimum)};
}

std::string InWords(PlanState state) {
  switch (state) {
    case PlanState::kAvailable:
      return "AVAILABLE";
    case PlanState::kDisabled:
      return "DISABLED";
    case PlanState::kLocked:
      return "LOCKED";
    case PlanState::kEndOfSale:
      return "END_OF_SALE";
    case PlanState::kEndOfLife:
      return "END_OF_LIFE";
    case PlanState::kUnspecified:
      break;
  }
  return "UNSPECIFIED";
}

absl::StatusOr<Facts> LookAtPlan(const World& world, const std::string& id) {
  const model::ServicePlan* plan = Find(world.catalog->service_plans, id);
  if (plan == nullptr) return absl::NotFoundError(absl::StrCat("there is no plan ", id));
  return Facts{InWords(PlanStateOf(*world.catalog, *plan)), absl::StrCat("of ", absl::StrJoin(plan->components, " "))};
}

// What the last refusal says beside its reason: "wrong FIELD", "available 5", "about products/cloud-app-security".
absl::StatusOr<Facts> LookAtRefusal(const Story& story) {
  const Refusal refusal = RefusalOf(story.refusal);
  Facts facts = {absl::StrCat("about ", refusal.resource)};
  for (const FieldViolation& violation : refusal.violations) facts.insert(absl::StrCat("wrong ", violation.field));
  for (const auto& [key, value] : refusal.metadata) facts.insert(absl::StrCat(key, " ", value));
  for (const Duplicate& duplicate : refusal.duplicates) facts.insert(absl::StrCat("duplicate ", duplicate.product_id));
  return facts;
}

// "by itself, renewed 2026-02-28, ended 2026-05-01": all of it, from the start, in order. "by itself, nothing".
// Likewise what the history told of coming ends: "told, expiring soon 2026-02-14, expired 2026-02-28".
void ExpectSteps(const std::vector<std::string>& expected, const std::vector<LifeStep>& steps, bool told) {
  std::vector<std::string> seen;
  for (const LifeStep& step : steps) {
    if ((step.what == "expiring soon" || step.what == "expired") == told)
      seen.push_back(absl::StrCat(step.what, " ", ToString(step.day)));
  }
  if (seen.empty()) seen.push_back("nothing");
  EXPECT_EQ(absl::StrJoin(seen, ", "), absl::StrJoin(expected, ", "));
}

// "TERM_SHORTENED cloud-app-security": of a license its product, of a subscription or a change its name.
std::string InWords(const Story& story, const World& world, const Advisory& advisory) {
  const std::string code(NameOf(advisory.code));
  for (const auto& [key, license] : world.licenses) {
    if (advisory.resource == LicenseName(key.first, key.second)) return absl::StrCat(code, " ", license.product_id);
  }
  for (const auto& [name, key] : story.subscriptions) {
    if (advisory.resource == SubscriptionName(key.first, key.second)) return absl::StrCat(code, " ", name);
  }
  for (const auto& [name, key] : story.changes) {
    if (advisory.resource == ScheduledChangeName(key.first, key.second)) return absl::StrCat(code, " change ", name);
  }
  return absl::StrCat(code, " ", advisory.resource);
}

// "advisories, TERM_SHORTENED cas-annual, …": all that the last thing that was done led to, in order. "advisories,
// none".
void ExpectAdvisories(const std::vector<std::string>& expected, const Story& story) {
  std::vector<std::string> said;
  for (const Advisory& advisory : story.life.advisories) {
    said.push_back(InWords(story, story.life.world, advisory));
    EXPECT_FALSE(advisory.text.empty()) << said.back();
  }
  if (said.empty()) said.push_back("none");
  EXPECT_EQ(absl::StrJoin(said, ", "), absl::StrJoin(expected, ", "));
}

// Who looks at what; none if the words are unknown.
Look ReadSubject(const std::vector<std::string>& words) {
  const std::size_t n = words.size();
  const std::string& what = words[0];
  const std::string name = n > 1 ? words[1] : "";
  if (what == "license" && (n == 2 || (n == 4 && words[2] == "of"))) {
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    return [rest](const Story& story, const Life::View& now) { return LookAtLicense(story, now.world, rest); };
  }
  if (what == "subscription" && n <= 2) {
    return [name](const Story& story, const Life::View& now) { return LookAtSubscription(story, now.world, name); };
  }
  if (what == "change" && n <= 2) {
    return [name](const Story& story, const Life::View& now) { return LookAtChange(story, now.world, name); };
  }
  if (what == "pool" && n == 2) {
    return [name](const Story&, const Life::View& now) { return LookAtPool(now.world, name); };
  }
  if (what == "plan" && n == 2) {
    return [name](const Story&, const Life::View& now) { return LookAtPlan(now.world, name); };
  }
  if (what == "refusal" && n == 1) {
    return [](const Story& story, const Life::View&) { return LookAtRefusal(story); };
  }
  return nullptr;
}

}  // namespace

std::function<void(Story&)> ReadExpectation(const std::string& text) {
  const std::vector<std::string> phrases = Phrases(text);
  if (phrases.empty()) return nullptr;
  const std::vector<std::string> expected(phrases.begin() + 1, phrases.end());
  const std::vector<std::string> subject = Words(phrases[0]);
  if (subject.size() == 3 && subject[0] == "no" && subject[1] == "license" && expected.empty()) {
    return [product = subject[2]](Story& story) {
      const auto license = FindLicense(story, story.life.Now().world, product, "");
      EXPECT_TRUE(absl::IsNotFound(license.status())) << "there is one, or several: " << license.status();
    };
  }
  if (expected.empty()) return nullptr;  // nothing is expected of it
  if (phrases[0] == "by itself" || phrases[0] == "told") {
    return
        [expected, told = phrases[0] == "told"](Story& story) { ExpectSteps(expected, story.life.Now().steps, told); };
  }
  if (phrases[0] == "advisories") {
    return [expected](Story& story) { ExpectAdvisories(expected, story); };
  }
  const Look look = ReadSubject(subject);
  if (look == nullptr) return nullptr;
  return [expected, look](Story& story) {
    const absl::StatusOr<Facts> facts = look(story, story.life.Now());
    ASSERT_TRUE(facts.ok()) << facts.status();
    for (const std::string& fact : expected) {
      EXPECT_TRUE(facts->count(fact) > 0) << "\"" << fact << "\" is not so. These are: " << absl::StrJoin(*facts, ", ");
    }
  };
}

}  // namespace lmp::domain
