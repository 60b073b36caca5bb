#include "server/domain/subscription/registration_key.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/subscription/terms.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::RegistrationKey;
using model::RegistrationKeyState;
using model::World;

// Finds a key that can still be redeemed or voided.
absl::StatusOr<RegistrationKey*> FindIssued(World& world, const Env& env, Verb verb, const std::string& id,
                                            const std::string& etag) {
  const std::string name = RegistrationKeyName(id);
  RegistrationKey* key = Find(world.registration_keys, id);
  if (key == nullptr || !MayChange(env.caller, key->partner_id))
    return NotFound(reason::kRegistrationKeyNotFound, name);
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, verb, key->partner_id).status());
  RETURN_IF_ERROR(CheckEtag(etag, EtagOf(key->stamp), name));
  const RegistrationKeyState state = StateOf(*key, env.today);
  if (state == RegistrationKeyState::kIssued) return key;
  return Precondition(reason::kWrongState, name,
                      absl::StrCat(name, " is ", NameOf(state), ": it can't be used any more"),
                      {{"state", std::string(NameOf(state))}});
}

// What is wrong with the key's units for the plan.
std::vector<FieldViolation> UnitsViolations(const model::Catalog& catalog, const model::ServicePlan& plan,
                                            const std::map<std::string, int>& units) {
  std::vector<FieldViolation> violations;
  if (!plan.terms.nfr) CheckUnits(catalog, plan, units, violations);
  return violations;
}

absl::Status CheckExpireDate(Date expire_date, Date today) {
  if (expire_date > today && expire_date <= today + kMaxKeyDays) return absl::OkStatus();
  const FieldViolation violation{"registration_key.expire_date",
                                 absl::StrCat("must be after today, at most ", kMaxKeyDays, " days ahead")};
  return Refuse(absl::StatusCode::kOutOfRange, absl::StrCat(violation.field, " ", violation.description),
                {.reason = reason::kDateOutOfRange, .violations = {violation}});
}

absl::Status NfrUnitsFixed(const std::string& plan_id) {
  const std::string name = ServicePlanName(plan_id);
  return Precondition(reason::kNfrSettingsFixed, name, absl::StrCat(name, " is not for resale: its units are fixed"));
}

}  // namespace

bool IsStale(const model::Catalog& catalog, const RegistrationKey& key, Date today) {
  const model::ServicePlan* plan = Find(catalog.service_plans, key.service_plan_id);
  return plan != nullptr && StateOf(key, today) == RegistrationKeyState::kIssued &&
         (plan->delete_time.has_value() || !UnitsViolations(catalog, *plan, UnitsOf(key.units)).empty());
}

RegistrationKeyState StateOf(const RegistrationKey& key, Date today) {
  const bool expired = key.state == RegistrationKeyState::kIssued && today >= key.expire_date;
  return expired ? RegistrationKeyState::kExpired : key.state;
}

absl::StatusOr<const RegistrationKey*> FindRegistrationKey(const World& world, const Caller& caller,
                                                           const std::string& id) {
  const RegistrationKey* key = Find(world.registration_keys, id);
  if (key == nullptr || !MayRead(caller, *world.catalog, key->partner_id)) {
    return NotFound(reason::kRegistrationKeyNotFound, RegistrationKeyName(id));
  }
  return key;
}

absl::StatusOr<std::string> CreateRegistrationKey(World& world, const CreateRegistrationKeyCommand& command,
                                                  const Env& env) {
  const std::string plan_name = ServicePlanName(command.service_plan_id);
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, FindServicePlan(world, env.caller, command.service_plan_id));
  if (!MayChange(env.caller, plan->partner_id)) return NotFound(reason::kServicePlanNotFound, plan_name);
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kCreateRegistrationKey, plan->partner_id).status());
  RETURN_IF_ERROR(CheckAssignable(*world.catalog, *plan));
  if (plan->terms.nfr && !command.units.empty()) return NfrUnitsFixed(command.service_plan_id);
  RETURN_IF_ERROR(InvalidFields(UnitsViolations(*world.catalog, *plan, command.units), "registration_key."));
  const Date expire_date = command.expire_date.value_or(env.today + kKeyDays);
  RETURN_IF_ERROR(CheckExpireDate(expire_date, env.today));
  RegistrationKey key;
  key.key_id = command.key_id;
  key.partner_id = plan->partner_id;
  key.service_plan_id = plan->service_plan_id;
  key.units = TextOf(command.units);
  key.expire_date = expire_date;
  key.note = command.note;
  world.registration_keys[KeyOf(key)] = std::move(key);
  return command.key_id;
}

absl::StatusOr<std::string> UpdateRegistrationKey(World& world, const UpdateRegistrationKeyCommand& command,
                                                  const Env& env) {
  ASSIGN_OR_RETURN(RegistrationKey* const key,
                   FindIssued(world, env, Verb::kUpdateRegistrationKey, command.id, command.etag));
  const model::ServicePlan* plan = Find(world.catalog->service_plans, key->service_plan_id);
  if (plan == nullptr || plan->delete_time.has_value()) {
    return NotFound(reason::kServicePlanNotFound, ServicePlanName(key->service_plan_id));
  }
  if (command.units.has_value()) {
    if (plan->terms.nfr && !command.units->empty()) return NfrUnitsFixed(key->service_plan_id);
    RETURN_IF_ERROR(InvalidFields(UnitsViolations(*world.catalog, *plan, *command.units), "registration_key."));
    key->units = TextOf(*command.units);
  }
  if (command.expire_date.has_value() && *command.expire_date != key->expire_date) {
    RETURN_IF_ERROR(CheckExpireDate(*command.expire_date, env.today));
    key->expire_date = *command.expire_date;
  }
  if (command.note.has_value()) key->note = *command.note;
  return command.id;
}

absl::StatusOr<std::string> VoidRegistrationKey(World& world, const VoidRegistrationKeyCommand& command,
                                                const Env& env) {
  ASSIGN_OR_RETURN(RegistrationKey* const key,
                   FindIssued(world, env, Verb::kVoidRegistrationKey, command.id, command.etag));
  key->state = RegistrationKeyState::kVoided;
  return command.id;
}

absl::StatusOr<RedeemRegistrationKeyResult> RedeemRegistrationKey(World& world,
                                                                  const RedeemRegistrationKeyCommand& command,
                                                                  const Env& env) {
  ASSIGN_OR_RETURN(RegistrationKey* const key,
                   FindIssued(world, env, Verb::kRedeemRegistrationKey, command.key_id, command.etag));
  AssignServicePlanCommand assignment = command.assignment;
  const model::Customer* customer = Find(world.customers, assignment.customer_id);
  if (customer == nullptr || customer->partner_id != key->partner_id) {
    return NotFound(reason::kCustomerNotFound, CustomerName(assignment.customer_id));
  }
  if (IsStale(*world.catalog, *key, env.today)) {
    const std::string name = RegistrationKeyName(command.key_id);
    return Precondition(
        reason::kRegistrationKeyStale, name,
        absl::StrCat(name, " no longer fits its plan, which changed or was deleted: ask its partner for another"));
  }
  assignment.service_plan_id = key->service_plan_id;
  assignment.units = UnitsOf(key->units);
  RedeemRegistrationKeyResult result;
  ASSIGN_OR_RETURN(static_cast<AssignServicePlanResult&>(result), AssignServicePlan(world, assignment, env));
  result.key_id = command.key_id;
  key->state = RegistrationKeyState::kRedeemed;
  key->customer_id = result.customer_id;
  key->subscription_id = result.subscription_id;
  key->redeem_time = env.now;
  return result;
}

}  // namespace lmp::domain
