#include "tests/domain/assign_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/decision/invariants.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using model::License;
using model::Subscription;
using model::World;
using Facts = std::set<std::string>;

const DuplicateOutcome* OutcomeOf(const AssignServicePlanResult& result, const std::string& license_id) {
  for (const DuplicateOutcome& outcome : result.duplicates) {
    if (outcome.license_id == license_id) return &outcome;
  }
  return nullptr;
}

// How a license that was there before fared.
std::string FateOf(const License& before, const License& after, const std::string& new_subscription) {
  if (after.closed && !before.closed) return "closed";
  if (after.subscription_id == new_subscription) return "moved";
  if (before.subscription_id.has_value() && !after.subscription_id.has_value()) return "unbundled";
  return "kept";
}

Facts FactsOf(const World& world, const License& license, Date today) {
  return {
      absl::StrCat(license.units, " units"),
      absl::StrCat(ToString(license.start_date), " to ", ToString(license.expiration_date)),
      absl::StrCat("grace to ", ToString(license.grace_end_date)),
      absl::StrCat("notice ", license.expiration_notice_days),
      std::string(NameOf(LicenseStateIn(world, license, today))),
      std::string(NameOf(license.version)),
      license.nfr ? "NFR" : "not NFR",
      license.activation_code.has_value() ? absl::StrCat("code ", *license.activation_code) : "no code",
      license.used_units.has_value() ? absl::StrCat("used ", *license.used_units) : "use not reported",
  };
}

Facts FactsOf(const Subscription& subscription, const std::string& new_subscription) {
  return {
      std::string(NameOf(subscription.state)),
      absl::StrCat("plan ", subscription.service_plan_id),
      absl::StrCat("since ", ToString(subscription.start_date)),
      subscription.terms.auto_renewal ? absl::StrCat("renews ", subscription.terms.renewal_term_months) : "no renewal",
      subscription.replaced_by == new_subscription ? "replaced" : "not replaced",
  };
}

void ExpectFacts(const Expectation& expected, const Facts& facts) {
  for (const std::string& fact : expected.facts) {
    EXPECT_TRUE(facts.count(fact)) << expected.where << ": \"" << fact
                                   << "\" is not so.\nThese are: " << absl::StrJoin(facts, ", ");
  }
}

// The line about a row, if there is one.
const Expectation* LineAbout(const AssignCase& example, const std::string& kind, const std::string& subject) {
  for (const Expectation& expected : example.expected) {
    if (expected.kind == kind && expected.subject == subject) return &expected;
  }
  return nullptr;
}

void CheckLicenseLines(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  for (const auto& [key, license] : Range(after.licenses, kAcme)) {
    const License* before = Find(example.before.licenses, key.first, key.second);
    const Expectation* line = before != nullptr ? LineAbout(example, "license", key.second)
                                                : LineAbout(example, "new license", license.product_id);
    if (line == nullptr) {
      EXPECT_TRUE(before != nullptr && license == *before)
          << example.where << ": no line about this license, which is new or changed: " << key.second << " of "
          << license.product_id << ": " << absl::StrJoin(FactsOf(after, license, example.today), ", ");
      continue;
    }
    Facts facts = FactsOf(after, license, example.today);
    if (before != nullptr) {
      const std::string fate = FateOf(*before, license, result.subscription_id);
      facts.insert(fate);
      const DuplicateOutcome* outcome = OutcomeOf(result, key.second);
      facts.insert(outcome != nullptr && outcome->shortened ? "shortened" : "not shortened");
      EXPECT_THAT(line->facts, testing::Contains(fate)) << line->where << ": the line must say how the license fares";
    }
    ExpectFacts(*line, facts);
  }
}

void CheckSubscriptionLines(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  for (const auto& [key, subscription] : Range(after.subscriptions, kAcme)) {
    const Subscription* before = Find(example.before.subscriptions, key.first, key.second);
    const Expectation* line =
        before != nullptr ? LineAbout(example, "subscription", key.second) : LineAbout(example, "new subscription", "");
    if (line != nullptr) {
      ExpectFacts(*line, FactsOf(subscription, result.subscription_id));
    } else if (before != nullptr) {
      EXPECT_EQ(subscription, *before) << example.where << ": no line about " << key.second << ", but it changed: "
                                       << absl::StrJoin(FactsOf(subscription, result.subscription_id), ", ");
    }
  }
}

// A line about something that is not there would otherwise never be looked at.
void CheckLinesHaveSubjects(const AssignCase& example, const World& after) {
  for (const Expectation& line : example.expected) {
    bool there = line.kind == "new subscription";
    if (line.kind == "license") there = Find(example.before.licenses, kAcme, line.subject) != nullptr;
    if (line.kind == "subscription") there = Find(example.before.subscriptions, kAcme, line.subject) != nullptr;
    if (line.kind == "new license") {
      for (const auto& [key, license] : Range(after.licenses, kAcme)) {
        there |= license.product_id == line.subject && Find(example.before.licenses, key.first, key.second) == nullptr;
      }
    }
    if (line.kind == "pool") {
      const auto* pool = Find(after.pools, "msp-one", line.subject);
      there = pool != nullptr;
      if (there) ExpectFacts(line, {absl::StrCat(pool->assigned, " of ", pool->total, " assigned")});
    }
    EXPECT_TRUE(there) << line.where << ": there is no " << line.kind << " " << line.subject;
  }
}

// I5 for one license that was there before.
void CheckNotLost(const License& before, const License* after, const AssignCase& example,
                  const AssignServicePlanResult& result) {
  SCOPED_TRACE(absl::StrCat("license ", before.license_id));
  ASSERT_NE(after, nullptr) << "I5: the license is gone";
  License allowed = before;  // what it may have become
  const std::string fate = FateOf(before, *after, result.subscription_id);
  if (fate == "closed") {
    EXPECT_GE(example.today, before.grace_end_date) << "I5: closed before its end";
    allowed.closed = true;
    allowed.stamp.update_time = after->stamp.update_time;  // it says when
    allowed.stamp.revision = after->stamp.revision;
  } else if (fate == "unbundled") {
    EXPECT_TRUE(IsUnended(before, example.today)) << "only licenses that run on are unbundled";
    allowed.subscription_id.reset();
    allowed.suspend_date.reset();  // nothing is left that could be unsuspended
  } else if (fate == "moved") {
    allowed.subscription_id = after->subscription_id;
    allowed.anchor_date = after->anchor_date;
    allowed.suspend_date.reset();
    allowed.units = after->units;
    allowed.start_date = after->start_date;
    allowed.expiration_date = after->expiration_date;
    allowed.grace_end_date = after->grace_end_date;
    allowed.expiration_notice_days = after->expiration_notice_days;
    allowed.version = after->version;
    allowed.nfr = after->nfr;
    allowed.activation_policy = after->activation_policy;
    allowed.activate_time = after->activate_time;
    EXPECT_TRUE(IsUnended(before, example.today)) << "an ended license moved";
    EXPECT_FALSE(before.activate_time.has_value() && after->activate_time != before.activate_time);
  }
  EXPECT_EQ(*after, allowed) << "I5: " << fate << ", but something else of it changed";
}

// Each product of the plan: one license, of the new subscription, with the units asked for.
void CheckPlanIsThere(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  const auto& plan = *Find(example.before.catalog->service_plans, example.command.service_plan_id);
  const Subscription* subscription = Find(after.subscriptions, kAcme, result.subscription_id);
  ASSERT_NE(subscription, nullptr);
  EXPECT_EQ(subscription->terms, plan.terms) << "the subscription copies the plan's terms";
  EXPECT_EQ(subscription->service_plan_id, plan.service_plan_id);
  EXPECT_EQ(subscription->state, model::SubscriptionState::kActive);
  std::map<std::string, int> expected, found;
  for (const std::string& id : plan.components) {
    const int least = Find(example.before.catalog->products, id)->min_units;
    expected[id] = plan.terms.nfr ? least : example.command.units.at(id);
  }
  for (const auto& [key, license] : Range(after.licenses, kAcme)) {
    if (license.subscription_id != result.subscription_id) continue;
    EXPECT_TRUE(found.emplace(license.product_id, license.units).second) << license.product_id << " twice";
    EXPECT_EQ(license.version, plan.terms.version);
    EXPECT_EQ(license.nfr, plan.terms.nfr);
    EXPECT_EQ(license.grace_end_date, license.expiration_date + plan.terms.grace_period_days);
  }
  EXPECT_EQ(found, expected) << "licenses of the new subscription, by product";
}

// Old subscriptions: only those that lost a license change, and into what follows from what is left.
void CheckOldSubscriptions(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  std::map<std::string, int> lost, left;
  for (const auto& [key, before] : Range(example.before.licenses, kAcme)) {
    if (!before.subscription_id.has_value() || !IsUnended(before, example.today)) continue;
    const License& now = *Find(after.licenses, key.first, key.second);
    (now.subscription_id == result.subscription_id ? lost : left)[*before.subscription_id] += 1;
  }
  std::vector<std::string> replaced;
  for (const auto& [key, before] : Range(example.before.subscriptions, kAcme)) {
    Subscription allowed = before;
    if (lost[key.second] > 0) {
      replaced.push_back(key.second);
      allowed.state = left[key.second] > 0 ? model::SubscriptionState::kUnbundled : model::SubscriptionState::kDisabled;
      allowed.replaced_by = result.subscription_id;
    }
    const Subscription* now = Find(after.subscriptions, key.first, key.second);
    ASSERT_NE(now, nullptr) << "subscription " << key.second << " is gone";
    EXPECT_EQ(*now, allowed) << "subscription " << key.second;
  }
  EXPECT_EQ(result.replaced_subscriptions, replaced);
  EXPECT_EQ(after.subscriptions.size(), example.before.subscriptions.size() + 1);
}

// The result is what previews and events are made from.
void CheckResult(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  EXPECT_EQ(result.customer_id, kAcme);
  for (const DuplicateOutcome& outcome : result.duplicates) {
    SCOPED_TRACE(absl::StrCat("outcome for ", outcome.product_id));
    const License* before = Find(example.before.licenses, kAcme, outcome.license_id);
    ASSERT_NE(before, nullptr);
    const License& now = *Find(after.licenses, kAcme, outcome.license_id);
    EXPECT_EQ(outcome.before, *before);
    EXPECT_EQ(outcome.product_id, before->product_id);
    EXPECT_EQ(outcome.from_subscription_id, before->subscription_id);
    EXPECT_EQ(outcome.shortened, now.expiration_date < before->expiration_date);
    const bool moved = now.subscription_id == result.subscription_id;
    EXPECT_EQ(outcome.resolution, moved ? Resolution::kTransfer : Resolution::kNewLicense);
  }
}

}  // namespace

void CheckExpectedOutcome(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  EXPECT_FALSE(example.expected.empty()) << example.where << ": the case expects nothing";
  CheckLicenseLines(example, after, result);
  CheckSubscriptionLines(example, after, result);
  CheckLinesHaveSubjects(example, after);
}

void CheckExpectedRefusal(const AssignCase& example, const absl::Status& status) {
  const Refusal refusal = RefusalOf(status);
  std::vector<std::string> expected, named;
  for (const Expectation& line : example.expected) {
    expected.push_back(absl::StrCat(line.kind, line.subject.empty() ? "" : " ", line.subject, ": ",
                                    line.kind == "duplicate" ? absl::StrJoin(line.facts, ", ") : line.text));
  }
  if (!refusal.resource.empty()) named.push_back(absl::StrCat("about: ", refusal.resource));
  for (const auto& [key, value] : refusal.metadata) named.push_back(absl::StrCat("says ", key, ": ", value));
  for (const FieldViolation& violation : refusal.violations) {
    named.push_back(absl::StrCat("wrong ", violation.field, ": ", violation.description));
  }
  for (const Duplicate& duplicate : refusal.duplicates) {
    named.push_back(absl::StrCat("duplicate ", duplicate.product_id, ": ", duplicate.license_name, ", ",
                                 duplicate.subscription_name.empty() ? "unbundled" : duplicate.subscription_name, ", ",
                                 absl::StrJoin(duplicate.choices, " or ")));
  }
  EXPECT_THAT(named, testing::UnorderedElementsAreArray(expected)) << example.where << ": what the details name";
}

void CheckAlwaysTrue(const AssignCase& example, const World& after, const AssignServicePlanResult& result) {
  EXPECT_THAT(InvariantViolations(after, example.today), testing::IsEmpty());
  for (const auto& [key, before] : Range(example.before.licenses, kAcme)) {
    CheckNotLost(before, Find(after.licenses, key.first, key.second), example, result);
  }
  CheckPlanIsThere(example, after, result);
  CheckOldSubscriptions(example, after, result);
  CheckResult(example, after, result);
  World others = after;  // without what the customer may have got
  for (const auto& [key, license] : Range(after.licenses, kAcme)) others.licenses.erase(key);
  for (const auto& [key, subscription] : Range(after.subscriptions, kAcme)) others.subscriptions.erase(key);
  for (const auto& [key, license] : Range(example.before.licenses, kAcme)) others.licenses[key] = license;
  for (const auto& [key, row] : Range(example.before.subscriptions, kAcme)) others.subscriptions[key] = row;
  CheckUnchanged(example.before, others);
}

void CheckUnchanged(const World& before, const World& after) {
  EXPECT_EQ(after.catalog, before.catalog);
  EXPECT_EQ(after.customers, before.customers);
  EXPECT_EQ(after.subscriptions, before.subscriptions);
  EXPECT_EQ(after.licenses, before.licenses);
  EXPECT_EQ(after.unique_holders, before.unique_holders);
}

}  // namespace lmp::domain
