// The life of a partner: ACTIVE ↔ SUSPENDED → CANCELED. [LMP]
#ifndef LMP_SERVER_DOMAIN_CUSTOMER_PARTNER_VERBS_H_
#define LMP_SERVER_DOMAIN_CUSTOMER_PARTNER_VERBS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/patch.h"
#include "server/domain/standing.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct PartnerCommand {
  static constexpr char kCollection[] = "partners";
  std::string id;
  std::string etag;

  model::Footprint footprint() const { return {.changes_catalog = true, .partners = {id}}; }
};

struct UpdatePartnerCommand : PartnerCommand {
  static constexpr Verb kVerb = Verb::kUpdatePartner;
  Patch<model::Partner> patch;
};
// Its footprint also asks what hangs on the partner (Footprint::affected).
struct PartnerStateCommand : PartnerCommand {
  model::Footprint footprint() const {
    model::Footprint footprint = PartnerCommand::footprint();
    footprint.affected = {{model::AffectedBy::What::kPartner, id}};
    return footprint;
  }
};
struct SuspendPartnerCommand : PartnerStateCommand {
  static constexpr Verb kVerb = Verb::kSuspendPartner;
};
struct ResumePartnerCommand : PartnerStateCommand {
  static constexpr Verb kVerb = Verb::kResumePartner;
};
struct CancelPartnerCommand : PartnerStateCommand {
  static constexpr Verb kVerb = Verb::kCancelPartner;
};

// Each returns the partner's id. A partner is changed by those above it: a caller that is bound to the partner may not
// change it. Errors: PARTNER_NOT_FOUND; ETAG_MISMATCH; WRONG_STATE; INVALID_ARGUMENT (update).
absl::StatusOr<std::string> UpdatePartner(model::World& world, const UpdatePartnerCommand& command, const Env& env);
absl::StatusOr<std::string> SuspendPartner(model::World& world, const SuspendPartnerCommand& command, const Env& env);
absl::StatusOr<std::string> ResumePartner(model::World& world, const ResumePartnerCommand& command, const Env& env);
absl::StatusOr<std::string> CancelPartner(model::World& world, const CancelPartnerCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CUSTOMER_PARTNER_VERBS_H_
