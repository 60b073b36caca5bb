// Partners on the wire.
#ifndef LMP_SERVER_WIRE_PARTNER_H_
#define LMP_SERVER_WIRE_PARTNER_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/customer_service.pb.h"
#include "server/domain/customer/partner.h"
#include "server/domain/customer/partner_verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/resource.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

absl::StatusOr<domain::CreatePartnerCommand> ParseCreatePartner(const v1::CreatePartnerRequest& request,
                                                                const ServerContext& context);
absl::StatusOr<std::string> ParseGetPartner(const v1::GetPartnerRequest& request);
absl::StatusOr<domain::UpdatePartnerCommand> ParseUpdatePartner(const v1::UpdatePartnerRequest& request);

void RenderPartner(const engine::Decision& decided, const std::string& partner_id, v1::Partner* out);
void ToProto(const model::Partner& row, const View& view, v1::Partner* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PARTNER_H_
