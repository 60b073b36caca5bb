#include "server/wire/license_pool.h"

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/wire/mutation_request.h"

namespace lmp::wire {

void SetName(Fields& fields, const std::string& name, domain::PoolCommand& command) {
  std::tie(command.partner_id, command.product_id) = fields.ChildName("name", name, "partners", "licensePools");
}

absl::StatusOr<model::RowKey> ParseGetLicensePool(const v1::GetLicensePoolRequest& request) {
  return ParseChildName("name", request.name(), "partners", "licensePools");
}

absl::StatusOr<domain::UpdateLicensePoolCommand> ParseUpdateLicensePool(const v1::UpdateLicensePoolRequest& request) {
  Fields fields;
  domain::UpdateLicensePoolCommand command;
  std::tie(command.partner_id, command.product_id) =
      fields.ChildName("license_pool.name", request.license_pool().name(), "partners", "licensePools");
  command.etag = request.license_pool().etag();
  fields.Mask(request.update_mask(), request.license_pool(), {"minimum_units"});
  command.minimum = request.license_pool().minimum_units();
  if (command.minimum < 0 || command.minimum > kMaxUnits) {
    fields.Fail("license_pool.minimum_units", absl::StrCat("must be 0 to ", kMaxUnits));
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::AddLicensePoolUnitsCommand> ParseAddLicensePoolUnits(
    const v1::AddLicensePoolUnitsRequest& request) {
  Fields fields;
  domain::AddLicensePoolUnitsCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.units = request.units();
  if (command.units < 1 || command.units > kMaxUnits) fields.Fail("units", absl::StrCat("must be 1 to ", kMaxUnits));
  RETURN_IF_ERROR(fields.status());
  return command;
}

void RenderLicensePool(const engine::Decision& decided, const model::RowKey& pool, v1::LicensePool* out) {
  ToProto(*Find(decided.after.pools, pool.first, pool.second), After(decided), out);
}

void ToProto(const model::LicensePool& row, const View&, v1::LicensePool* out) {
  out->set_name(domain::PoolName(row.partner_id, row.product_id));
  out->set_product(domain::ProductName(row.product_id));
  out->set_total_units(row.total);
  out->set_assigned_units(row.assigned);
  out->set_minimum_units(row.minimum);
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
