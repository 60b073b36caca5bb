#include "server/domain/customer_verbs.h"

#include "absl/strings/str_cat.h"
#include "server/domain/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription_verbs.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::CustomerState;

absl::StatusOr<model::Customer*> FindForChange(model::World& world, const CustomerCommand& command,
                                               const Caller& caller) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindWritableCustomer(world, caller, command.id));
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(customer->stamp), CustomerName(command.id)));
  return customer;
}

absl::StatusOr<std::string> Move(model::World& world, const CustomerCommand& command, const Env& env, CustomerState from,
                                 CustomerState to) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env.caller));
  if (customer->state != from) {
    const std::string name = CustomerName(command.id);
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " is ", NameOf(customer->state), " already"),
                        {{"state", std::string(NameOf(customer->state))}});
  }
  customer->state = to;
  return command.id;
}

}  // namespace

absl::StatusOr<std::string> DisableCustomer(model::World& world, const DisableCustomerCommand& command, const Env& env) {
  return Move(world, command, env, CustomerState::kEnabled, CustomerState::kDisabled);
}

absl::StatusOr<std::string> EnableCustomer(model::World& world, const EnableCustomerCommand& command, const Env& env) {
  return Move(world, command, env, CustomerState::kDisabled, CustomerState::kEnabled);
}

absl::StatusOr<std::string> DeleteCustomer(model::World& world, const DeleteCustomerCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindForChange(world, command, env.caller));
  int unended = 0;
  for (auto& [key, license] : Range(world.licenses, command.id)) unended += IsUnended(license, env.today) ? 1 : 0;
  if (unended > 0 && !command.force) {
    const std::string name = CustomerName(command.id);
    return Precondition(reason::kCustomerHasLicenses, name,
                        absl::StrCat(name, " has ", unended, " licences that have not ended: cancel them, or delete with force"),
                        {{"licenses", absl::StrCat(unended)}});
  }
  for (auto& [key, subscription] : Range(world.subscriptions, command.id)) {
    if (Runs(subscription)) EndSubscription(world, subscription, "the customer was deleted", env.today);
  }
  for (auto& [key, license] : Range(world.licenses, command.id)) license.closed = true;  // the unbundled ones too
  customer->delete_time = env.now;
  return command.id;
}

absl::StatusOr<std::string> UndeleteCustomer(model::World& world, const UndeleteCustomerCommand& command,
                                             const Env& env) {
  const std::string name = CustomerName(command.id);
  model::Customer* customer = Find(world.customers, command.id);
  if (customer == nullptr || !MayChange(env.caller, customer->partner_id)) {
    return NotFound(reason::kCustomerNotFound, name);
  }
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, customer->partner_id).status());
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(customer->stamp), name));
  if (!customer->delete_time.has_value()) {
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " is not deleted"),
                        {{"state", std::string(NameOf(customer->state))}});
  }
  if (env.now - *customer->delete_time > kUndeletePeriod) {
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " was deleted more than 30 days ago"),
                        {{"state", "DELETED"}});
  }
  customer->delete_time.reset();
  return command.id;
}

}  // namespace lmp::domain
