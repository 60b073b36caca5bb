#include "server/wire/partner.h"

#include "server/domain/lookup.h"
#include "server/wire/mutation_request.h"

namespace lmp::wire {

absl::StatusOr<domain::CreatePartnerCommand> ParseCreatePartner(const v1::CreatePartnerRequest& request,
                                                                const ServerContext& context) {
  Fields fields;
  domain::CreatePartnerCommand command;
  const v1::Partner& partner = request.partner();
  fields.ChosenId("partner_id", request.partner_id());
  command.partner.partner_id = context.IdOr(request.partner_id());
  command.partner.display_name = partner.display_name();
  command.partner.tier =
      fields.Enum<model::PartnerTier>("partner.tier", partner.tier(), v1::Partner::Tier_IsValid(partner.tier()));
  command.partner.parent_id = OrNone(fields.OptionalName("partner.parent", partner.parent(), "partners"));
  fields.Fail(domain::PartnerViolations(command.partner), "partner.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<std::string> ParseGetPartner(const v1::GetPartnerRequest& request) {
  return ParseName("name", request.name(), "partners");
}

absl::StatusOr<domain::UpdatePartnerCommand> ParseUpdatePartner(const v1::UpdatePartnerRequest& request) {
  Fields fields;
  domain::UpdatePartnerCommand command;
  command.id = fields.Name("partner.name", request.partner().name(), "partners");
  command.etag = request.partner().etag();
  command.patch.values.display_name = request.partner().display_name();
  command.patch.values.tier = static_cast<model::PartnerTier>(request.partner().tier());
  if (!request.partner().parent().empty()) {
    command.patch.values.parent_id = fields.Name("partner.parent", request.partner().parent(), "partners");
  }
  command.patch.columns = fields.Mask(request.update_mask(), request.partner(), {"display_name"});
  RETURN_IF_ERROR(fields.status());
  return command;
}

void RenderPartner(const engine::Decision& decided, const std::string& partner_id, v1::Partner* out) {
  ToProto(*Find(decided.after.catalog->partners, partner_id), After(decided), out);
}

void ToProto(const model::Partner& row, const View&, v1::Partner* out) {
  out->set_name(domain::PartnerName(row.partner_id));
  out->set_display_name(row.display_name);
  out->set_tier(static_cast<v1::Partner::Tier>(row.tier));
  if (row.parent_id.has_value()) out->set_parent(domain::PartnerName(*row.parent_id));
  out->set_state(static_cast<v1::Partner::State>(row.state));
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
