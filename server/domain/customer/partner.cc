#include "server/domain/customer/partner.h"

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/domain/reasons.h"
#include "storage/status_macros.h"

namespace lmp::domain {

std::vector<FieldViolation> PartnerViolations(const model::Partner& partner) {
  FieldChecks checks;
  checks.Text("display_name", partner.display_name, 1, 128);
  checks.Require(partner.tier != model::PartnerTier::kUnspecified, "tier", "is required");
  checks.Require(partner.tier != model::PartnerTier::kReseller || partner.parent_id.has_value(), "parent",
                 "is required for a RESELLER");
  checks.Require(partner.tier != model::PartnerTier::kDistributor || !partner.parent_id.has_value(), "parent",
                 "must be empty for a DISTRIBUTOR");
  return checks.Take();
}

absl::StatusOr<std::string> CreatePartner(model::World& world, const CreatePartnerCommand& command, const Env& env) {
  const model::Partner& partner = command.partner;
  RETURN_IF_ERROR(InvalidFields(PartnerViolations(partner), "partner."));
  const std::string name = PartnerName(partner.partner_id);
  if (partner.parent_id.has_value()) {
    ASSIGN_OR_RETURN(const model::Partner* parent,
                     FindWritablePartner(world, env.caller, Verb::kCreatePartner, *partner.parent_id));
    if (parent->tier != model::PartnerTier::kDistributor) {
      return InvalidFields(
          {{"partner.parent", absl::StrCat(PartnerName(*partner.parent_id), " is not a DISTRIBUTOR")}});
    }
  }
  if (Find(world.catalog->partners, partner.partner_id) != nullptr) {
    return AlreadyExists(reason::kPartnerExists, name, absl::StrCat(name, " can't be had: choose another id"));
  }
  world.MutableCatalog().partners[{partner.partner_id, ""}] = partner;
  return partner.partner_id;
}

}  // namespace lmp::domain
