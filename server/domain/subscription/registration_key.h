// One-time keys that let a customer claim a service plan. [LMP]
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_REGISTRATION_KEY_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_REGISTRATION_KEY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/plan_assignment.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr int kKeyDays = 90;      // a key's life if nothing is said [ours]
inline constexpr int kMaxKeyDays = 366;  // [ours]

// EXPIRED is a function of the day: from expire_date on, if nobody redeemed or voided it.
model::RegistrationKeyState StateOf(const model::RegistrationKey& key, Date today);

// The key is ISSUED and its units no longer fit its plan, which changed since or was deleted: nobody can redeem it as
// it is. [ours]
bool IsStale(const model::Catalog& catalog, const model::RegistrationKey& key, Date today);

// A key to read. Errors: REGISTRATION_KEY_NOT_FOUND, also for another partner's.
absl::StatusOr<const model::RegistrationKey*> FindRegistrationKey(const model::World& world, const Caller& caller,
                                                                  const std::string& id);

struct CreateRegistrationKeyCommand {
  std::string key_id;
  std::string service_plan_id;
  std::map<std::string, int> units;  // by product id
  std::optional<Date> expire_date;
  std::string note;

  model::Footprint footprint() const { return {.service_plans = {service_plan_id}, .registration_keys = {key_id}}; }
};

// Returns the key's id. Errors: those of lmp.v1.LicensingService.CreateRegistrationKey.
absl::StatusOr<std::string> CreateRegistrationKey(model::World& world, const CreateRegistrationKeyCommand& command,
                                                  const Env& env);

struct UpdateRegistrationKeyCommand {
  std::string id;
  std::string etag;
  std::optional<std::map<std::string, int>> units;  // by product id: all of them
  std::optional<Date> expire_date;
  std::optional<std::string> note;

  model::Footprint footprint() const { return {.registration_keys = {id}}; }
};

// Of an ISSUED key. Returns its id. Errors: those of lmp.v1.LicensingService.UpdateRegistrationKey.
absl::StatusOr<std::string> UpdateRegistrationKey(model::World& world, const UpdateRegistrationKeyCommand& command,
                                                  const Env& env);

struct VoidRegistrationKeyCommand {
  static constexpr char kCollection[] = "registrationKeys";
  std::string id;
  std::string etag;

  model::Footprint footprint() const { return {.registration_keys = {id}}; }
};

// ISSUED → VOIDED.
absl::StatusOr<std::string> VoidRegistrationKey(model::World& world, const VoidRegistrationKeyCommand& command,
                                                const Env& env);

struct RedeemRegistrationKeyCommand {
  std::string key_id;
  std::string etag;                     // the key's
  AssignServicePlanCommand assignment;  // but for plan and units, which the key has

  model::Footprint footprint() const { return {.customers = {assignment.customer_id}, .registration_keys = {key_id}}; }
};

struct RedeemRegistrationKeyResult : AssignServicePlanResult {
  std::string key_id;
};

// ISSUED → REDEEMED, and the plan assigned: both or neither. The key's lock lets one customer win.
absl::StatusOr<RedeemRegistrationKeyResult> RedeemRegistrationKey(model::World& world,
                                                                  const RedeemRegistrationKeyCommand& command,
                                                                  const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_REGISTRATION_KEY_H_
