// The life of a customer: ENABLED ↔ DISABLED, and deleted softly and undeleted. [LMP]; the deletion is [ours].
#ifndef LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_VERBS_H_
#define LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_VERBS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct CustomerCommand {
  static constexpr char kCollection[] = "customers";
  std::string id;
  std::string etag;

  model::Footprint footprint() const { return {.customers = {id}}; }
};

// Its footprint also asks what hangs on the customer (Footprint::affected).
struct CustomerStateCommand : CustomerCommand {
  model::Footprint footprint() const {
    return {.customers = {id}, .affected = {{model::AffectedBy::What::kCustomer, id}}};
  }
};
struct DisableCustomerCommand : CustomerStateCommand {
  static constexpr Verb kVerb = Verb::kDisableCustomer;
};
struct EnableCustomerCommand : CustomerStateCommand {
  static constexpr Verb kVerb = Verb::kEnableCustomer;
};
struct DeleteCustomerCommand : CustomerStateCommand {
  static constexpr Verb kVerb = Verb::kDeleteCustomer;
  bool force = false;  // cancel what the customer still has
};
struct UndeleteCustomerCommand : CustomerCommand {
  static constexpr Verb kVerb = Verb::kUndeleteCustomer;
};

struct EraseCustomerCommand : CustomerCommand {
  static constexpr Verb kVerb = Verb::kEraseCustomer;
};

// What was lost while the customer was disabled: the licenses (ids, in order) that would otherwise have been renewed.
// Scheduled changes that can no longer take effect are dropped, by the verb or by what is due right after it.
struct EnableCustomerResult {
  std::string customer_id;
  std::vector<std::string> ended_licenses;
};

// Each returns the customer's id. Errors: CUSTOMER_NOT_FOUND; ETAG_MISMATCH; WRONG_STATE; CUSTOMER_DELETED; those of
// the customer's partner; CUSTOMER_HAS_LICENSES (for a deletion).
absl::StatusOr<EnableCustomerResult> EnableCustomer(model::World& world, const EnableCustomerCommand& command,
                                                    const Env& env);
absl::StatusOr<std::string> DisableCustomer(model::World& world, const DisableCustomerCommand& command, const Env& env);
absl::StatusOr<std::string> DeleteCustomer(model::World& world, const DeleteCustomerCommand& command, const Env& env);
absl::StatusOr<std::string> UndeleteCustomer(model::World& world, const UndeleteCustomerCommand& command,
                                             const Env& env);
// Takes what tells of people away from the customer's row, for good, and has its events and keys gone through
// (storage/erasure.h). Errors: CUSTOMER_NOT_FOUND; ETAG_MISMATCH; WRONG_STATE (not deleted, or erased already);
// ERASURE_TOO_EARLY (it can still be undeleted).
absl::StatusOr<std::string> EraseCustomer(model::World& world, const EraseCustomerCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_VERBS_H_
