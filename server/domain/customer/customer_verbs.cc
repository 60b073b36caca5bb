#include "server/domain/customer/customer_verbs.h"

#include "absl/strings/str_cat.h"
#include "server/domain/customer/customer.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/terms.h"
#include "server/domain/subscription/verbs.h"
#include "storage/model/personal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::CustomerState;

template <class Command>
absl::StatusOr<model::Customer*> FindForChange(model::World& world, const Command& command, const Env& env) {
  return FindReadCustomer(world, env.caller, Command::kVerb, command.id, command.etag);
}

// Licenses that ended by themselves after `since`, and that would have been renewed if the customer had not been
// disabled.
std::vector<std::string> EndedMeanwhile(const model::World& world, const std::string& customer_id, Date since) {
  std::vector<std::string> ended;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (!license.closed || !license.subscription_id.has_value() || license.grace_end_date <= since) continue;
    const model::Subscription* subscription = Find(world.subscriptions, customer_id, *license.subscription_id);
    if (subscription == nullptr || subscription->state != model::SubscriptionState::kActive) continue;
    const model::Product* product = Find(world.catalog->products, license.product_id);
    const bool lives = product == nullptr || !product->end_of_life_date.has_value() ||
                       license.expiration_date < *product->end_of_life_date;
    if (subscription->terms.auto_renewal && lives) ended.push_back(license.license_id);
  }
  return ended;
}

}  // namespace

absl::StatusOr<std::string> DisableCustomer(model::World& world, const DisableCustomerCommand& command,
                                            const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env));
  customer->state = CustomerState::kDisabled;
  customer->disable_time = env.now;
  return command.id;
}

absl::StatusOr<EnableCustomerResult> EnableCustomer(model::World& world, const EnableCustomerCommand& command,
                                                    const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env));
  // Old rows have no disable_time. For them the last update counts, because only its own verbs change a disabled
  // customer.
  const absl::Time since = customer->disable_time.value_or(customer->stamp.update_time);
  EnableCustomerResult result{
      .customer_id = command.id,
      .ended_licenses = EndedMeanwhile(world, command.id, absl::ToCivilDay(since, absl::UTCTimeZone()))};
  customer->state = CustomerState::kEnabled;
  customer->disable_time.reset();
  for (const auto& [key, subscription] : Range(world.subscriptions, command.id)) {
    if (!LiveLicenses(world, subscription, env.today).empty())
      continue;  // changes that are still possible happen right after this
    DropChanges(world, subscription, "the subscription ended while the customer was disabled");
  }
  return result;
}

absl::StatusOr<std::string> DeleteCustomer(model::World& world, const DeleteCustomerCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env));
  int unended = 0;
  for (auto& [key, license] : Range(world.licenses, command.id)) unended += IsUnended(license, env.today) ? 1 : 0;
  if (unended > 0 && !command.force) {
    const std::string name = CustomerName(command.id);
    return Precondition(reason::kCustomerHasLicenses, name,
                        absl::StrCat(name, " has ", unended, unended == 1 ? " license that has" : " licenses that have",
                                     " not ended: cancel what they are of, or force the deletion, which ends them"),
                        {{"licenses", absl::StrCat(unended)}});
  }
  for (auto& [key, subscription] : Range(world.subscriptions, command.id)) {
    if (Runs(subscription)) EndSubscription(world, subscription, "the customer was deleted", env.today);
  }
  for (auto& [key, license] : Range(world.licenses, command.id)) license.closed = true;  // also the unbundled licenses
  customer->delete_time = env.now;
  return command.id;
}

absl::StatusOr<std::string> UndeleteCustomer(model::World& world, const UndeleteCustomerCommand& command,
                                             const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env));
  if (customer->erase_time.has_value() || IsGone(*customer, env.now)) {
    const std::string name = CustomerName(command.id);
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " was deleted more than 30 days ago"),
                        {{"state", "DELETED"}});
  }
  customer->delete_time.reset();
  return command.id;
}

absl::StatusOr<std::string> EraseCustomer(model::World& world, const EraseCustomerCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env));
  const std::string name = CustomerName(command.id);
  if (customer->erase_time.has_value()) {
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " is erased already"), {{"state", "ERASED"}});
  }
  if (!IsGone(*customer, env.now)) {
    const std::string day =
        absl::FormatCivilTime(absl::ToCivilDay(*customer->delete_time + kUndeletePeriod, absl::UTCTimeZone()) + 1);
    return Precondition(reason::kErasureTooEarly, name,
                        absl::StrCat(name, " can still be undeleted: it may be erased from ", day, " on"),
                        {{"available_date", day}});
  }
  *customer = model::WithoutPersonal(*customer);
  customer->erase_time = env.now;
  customer->erasing = true;
  return command.id;
}

}  // namespace lmp::domain
