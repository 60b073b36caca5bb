// Licenses on the wire, and the check for a usable license.
#ifndef LMP_SERVER_WIRE_LICENSE_H_
#define LMP_SERVER_WIRE_LICENSE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/license/license_verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/license_check.h"
#include "server/wire/resource.h"

namespace lmp::wire {

void SetName(Fields& fields, const std::string& name, domain::LicenseCommand& command);

absl::StatusOr<model::RowKey> ParseGetLicense(const v1::GetLicenseRequest& request);
absl::StatusOr<model::RowKey> ParseCheckLicense(const v1::CheckLicenseRequest& request);
absl::StatusOr<std::vector<model::RowKey>> ParseBatchCheckLicenses(const v1::BatchCheckLicensesRequest& request);
absl::StatusOr<domain::ReportUsageCommand> ParseReportUsage(const v1::ReportUsageRequest& request);

void RenderLicense(const engine::Decision& decided, const model::RowKey& license, v1::License* out);
void ToProto(const model::License& row, const View& view, v1::License* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_LICENSE_H_
