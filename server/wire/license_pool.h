// License pools on the wire.
#ifndef LMP_SERVER_WIRE_LICENSE_POOL_H_
#define LMP_SERVER_WIRE_LICENSE_POOL_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/license/pool_verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/resource.h"

namespace lmp::wire {

void SetName(Fields& fields, const std::string& name, domain::PoolCommand& command);

absl::StatusOr<model::RowKey> ParseGetLicensePool(const v1::GetLicensePoolRequest& request);
absl::StatusOr<domain::UpdateLicensePoolCommand> ParseUpdateLicensePool(const v1::UpdateLicensePoolRequest& request);
absl::StatusOr<domain::AddLicensePoolUnitsCommand> ParseAddLicensePoolUnits(
    const v1::AddLicensePoolUnitsRequest& request);

void RenderLicensePool(const engine::Decision& decided, const model::RowKey& pool, v1::LicensePool* out);
void ToProto(const model::LicensePool& row, const View& view, v1::LicensePool* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_LICENSE_POOL_H_
