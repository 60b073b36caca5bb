#include "server/domain/subscription/scheduled_changes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/domain/period.h"
#include "server/domain/subscription/due.h"
#include "server/domain/subscription/status.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::ScheduledChange;
using model::Subscription;
using model::World;

bool Waits(const ScheduledChange& change, const Subscription& subscription) {
  return change.subscription_id == subscription.subscription_id && change.state == model::ChangeState::kPending;
}

// Returns what the future of a subscription depends on, and no more. It has no pools: how many units are left on a
// later day depends on others, and is checked on that day.
World LineOf(const World& world, const Subscription& subscription) {
  const std::string& customer_id = subscription.customer_id;
  World line;
  line.catalog = world.catalog;
  if (const auto* customer = Find(world.customers, customer_id)) line.customers[KeyOf(*customer)] = *customer;
  line.subscriptions[KeyOf(subscription)] = subscription;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.subscription_id == subscription.subscription_id) line.licenses[key] = license;
  }
  for (const auto& [key, change] : Range(world.scheduled_changes, customer_id)) {
    if (Waits(change, subscription)) line.scheduled_changes[key] = change;
  }
  return line;
}

// True if the change asks for the expiration that the subscription shows today anyway. That is no wish for a later day,
// unless something planned moves the expiration.
bool ShownToday(const World& world, const Subscription& subscription, const TermsChange& change, Date day, Date today) {
  if (change.anchor_date.has_value() || change.expiration_date != ExpirationIn(world, subscription, today))
    return false;
  for (const auto& [key, waiting] : Range(world.scheduled_changes, subscription.customer_id)) {
    if (Waits(waiting, subscription) && waiting.effective_date <= day && waiting.expiration_date.has_value())
      return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> ScheduleChange(World& world, const Subscription& subscription, const TermsChange& change,
                                           absl::string_view expiration_field, Date day, const Env& env) {
  World line = LineOf(world, subscription);
  const bool to_come = day > env.today && day <= AddMonths(env.today, kMaxTermMonths);
  if (to_come) PassTimeUpTo(line, subscription.customer_id, day);
  const Subscription& then = *Find(line.subscriptions, subscription.customer_id, subscription.subscription_id);
  if (!to_come || !RunsOn(line, then, day)) {
    return RefuseFields({{"effective_date", "must be a day to come on which the subscription still runs"}});
  }
  TermsChange wanted = Differing(line, then, change, day - 1);
  if (ShownToday(world, subscription, wanted, day, env.today)) wanted.expiration_date.reset();
  if (wanted.empty()) return std::string();
  RETURN_IF_ERROR(RefuseFields(InRequest(TermsViolations(line, then, wanted, day - 1, day), expiration_field)));
  ScheduledChange planned;
  planned.customer_id = subscription.customer_id;
  planned.change_id = env.ids.NewId(env.now);
  planned.subscription_id = subscription.subscription_id;
  planned.effective_date = day;
  SetTerms(wanted, planned);
  std::string id = planned.change_id;
  world.scheduled_changes[KeyOf(planned)] = std::move(planned);
  return id;
}

std::vector<std::string> ReviewChanges(World& world, const Subscription& subscription) {
  World line = LineOf(world, subscription);
  if (line.scheduled_changes.empty()) return {};
  Date last = line.scheduled_changes.begin()->second.effective_date;
  for (const auto& [key, change] : line.scheduled_changes) last = std::max(last, change.effective_date);
  PassTimeUpTo(line, subscription.customer_id, last);
  std::vector<std::string> dropped;
  for (const auto& [key, judged] : line.scheduled_changes) {
    if (judged.state != model::ChangeState::kDropped) continue;
    ScheduledChange& change = world.scheduled_changes.at(key);
    change.state = judged.state;
    change.outcome = judged.outcome;
    dropped.push_back(change.change_id);
  }
  return dropped;
}

std::vector<std::string> DropChanges(World& world, const Subscription& subscription, absl::string_view why) {
  std::vector<std::string> dropped;
  for (auto& [key, change] : Range(world.scheduled_changes, subscription.customer_id)) {
    if (!Waits(change, subscription)) continue;
    change.state = model::ChangeState::kDropped;
    change.outcome = std::string(why);
    dropped.push_back(change.change_id);
  }
  return dropped;
}

}  // namespace lmp::domain
