#include "server/domain/customer/partner_verbs.h"

#include "server/domain/customer/partner.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::PartnerState;

template <class Command>
absl::StatusOr<model::Partner> FindForChange(const model::World& world, const Command& command, const Caller& caller) {
  ASSIGN_OR_RETURN(const model::Partner* partner, FindPartner(world, caller, command.id));
  if (!MayChange(caller, "")) return NotFound(reason::kPartnerNotFound, PartnerName(command.id));
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(partner->stamp), PartnerName(command.id)));
  RETURN_IF_ERROR(CheckStanding(Command::kVerb, *partner));
  return *partner;
}

template <class Command>
absl::StatusOr<std::string> Move(model::World& world, const Command& command, const Env& env, PartnerState to) {
  ASSIGN_OR_RETURN(model::Partner partner, FindForChange(world, command, env.caller));
  partner.state = to;
  world.MutableCatalog().partners[{command.id, ""}] = partner;
  return command.id;
}

}  // namespace

absl::StatusOr<std::string> UpdatePartner(model::World& world, const UpdatePartnerCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Partner partner, FindForChange(world, command, env.caller));
  const model::Partner& values = command.patch.values;
  FieldChecks fixed;
  fixed.Require(values.tier == model::PartnerTier::kUnspecified || values.tier == partner.tier, "partner.tier",
                "can't be changed");
  fixed.Require(!values.parent_id.has_value() || values.parent_id == partner.parent_id, "partner.parent",
                "can't be changed");
  RETURN_IF_ERROR(InvalidFields(fixed.Take()));
  const model::Partner before = partner;
  ApplyPatch(command.patch, partner);
  if (partner == before) return command.id;
  if (partner.state == PartnerState::kCanceled) {
    return Precondition(reason::kPartnerCanceled, PartnerName(command.id),
                        absl::StrCat(PartnerName(command.id), " is canceled"));
  }
  RETURN_IF_ERROR(InvalidFields(Brought(before, partner, PartnerViolations), "partner."));
  world.MutableCatalog().partners[{command.id, ""}] = partner;
  return command.id;
}

absl::StatusOr<std::string> SuspendPartner(model::World& world, const SuspendPartnerCommand& command, const Env& env) {
  return Move(world, command, env, PartnerState::kSuspended);
}

absl::StatusOr<std::string> ResumePartner(model::World& world, const ResumePartnerCommand& command, const Env& env) {
  return Move(world, command, env, PartnerState::kActive);
}

absl::StatusOr<std::string> CancelPartner(model::World& world, const CancelPartnerCommand& command, const Env& env) {
  return Move(world, command, env, PartnerState::kCanceled);
}

}  // namespace lmp::domain
