// Partners: distributors, and the MSPs and resellers below them.
#ifndef LMP_SERVER_DOMAIN_CUSTOMER_PARTNER_H_
#define LMP_SERVER_DOMAIN_CUSTOMER_PARTNER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/refusal.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What is wrong with the fields that a caller sets; the paths are those of lmp.v1.Partner.
std::vector<FieldViolation> PartnerViolations(const model::Partner& partner);

struct CreatePartnerCommand {
  model::Partner partner;  // with its id

  model::Footprint footprint() const {
    model::Footprint footprint{.partners = {partner.partner_id}};
    if (partner.parent_id.has_value()) footprint.partners.push_back(*partner.parent_id);
    return footprint;
  }
};

// Returns the partner's id. Errors: PARTNER_EXISTS; PARTNER_NOT_FOUND, PARTNER_SUSPENDED, PARTNER_CANCELED (about the
// parent); INVALID_ARGUMENT (fields; a parent that is not a distributor).
absl::StatusOr<std::string> CreatePartner(model::World& world, const CreatePartnerCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CUSTOMER_PARTNER_H_
