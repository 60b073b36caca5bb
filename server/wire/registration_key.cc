#include "server/wire/registration_key.h"

#include <set>

#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/wire/crossgrade.h"
#include "server/wire/mutation_request.h"

namespace lmp::wire {
namespace {

constexpr int kMaxNote = 500;  // characters

}  // namespace

absl::StatusOr<domain::CreateRegistrationKeyCommand> ParseCreateRegistrationKey(
    const v1::CreateRegistrationKeyRequest& request, const ServerContext& context) {
  Fields fields;
  domain::CreateRegistrationKeyCommand command;
  const v1::RegistrationKey& key = request.registration_key();
  command.key_id = context.IdOr("");
  command.service_plan_id = fields.Name("registration_key.service_plan", key.service_plan(), "servicePlans");
  command.units = ParseUnits(fields, "registration_key.units", key.units());
  if (key.has_expire_date()) command.expire_date = fields.Date("registration_key.expire_date", key.expire_date());
  command.note = key.note();
  domain::FieldChecks checks;
  checks.Text("note", key.note(), 0, kMaxNote, domain::Lines::kMany);
  fields.Fail(checks.Take(), "registration_key.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<std::string> ParseGetRegistrationKey(const v1::GetRegistrationKeyRequest& request) {
  return ParseName("name", request.name(), "registrationKeys");
}

absl::StatusOr<domain::UpdateRegistrationKeyCommand> ParseUpdateRegistrationKey(
    const v1::UpdateRegistrationKeyRequest& request) {
  Fields fields;
  domain::UpdateRegistrationKeyCommand command;
  const v1::RegistrationKey& key = request.registration_key();
  command.id = fields.Name("registration_key.name", key.name(), "registrationKeys");
  command.etag = key.etag();
  const std::set<std::string> mask = fields.Mask(request.update_mask(), key, {"units", "expire_date", "note"});
  if (mask.contains("units")) command.units = ParseUnits(fields, "registration_key.units", key.units());
  if (mask.contains("expire_date"))
    command.expire_date = fields.Date("registration_key.expire_date", key.expire_date());
  if (mask.contains("note")) {
    command.note = key.note();
    domain::FieldChecks checks;
    checks.Text("note", key.note(), 0, kMaxNote);
    fields.Fail(checks.Take(), "registration_key.");
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::RedeemRegistrationKeyCommand> ParseRedeemRegistrationKey(
    const v1::RedeemRegistrationKeyRequest& request) {
  Fields fields;
  domain::RedeemRegistrationKeyCommand command;
  command.key_id = fields.Name("name", request.name(), "registrationKeys");
  command.etag = request.etag();
  command.assignment.customer_id = fields.Name("customer", request.customer(), "customers");
  if (request.has_start_date()) command.assignment.start_date = fields.Date("start_date", request.start_date());
  command.assignment.crossgrade = ParseCrossgrade(fields, request.crossgrade());
  RETURN_IF_ERROR(fields.status());
  return command;
}

void RenderRegistrationKey(const engine::Decision& decided, const std::string& key_id, v1::RegistrationKey* out) {
  ToProto(*Find(decided.after.registration_keys, key_id), After(decided), out);
}

void RenderRedemption(const engine::Decision& decided, const domain::RedeemRegistrationKeyResult& result,
                      v1::RedeemRegistrationKeyResponse* out) {
  RenderRegistrationKey(decided, result.key_id, out->mutable_registration_key());
  RenderCrossgrade(decided, result, out);
}

void ToProto(const model::RegistrationKey& row, const View& view, v1::RegistrationKey* out) {
  out->set_name(domain::RegistrationKeyName(row.key_id));
  out->set_service_plan(domain::ServicePlanName(row.service_plan_id));
  for (const auto& [product_id, units] : domain::UnitsOf(row.units)) {
    v1::LicenseUnits* entry = out->add_units();
    entry->set_product(domain::ProductName(product_id));
    entry->set_units(units);
  }
  ToProto(row.expire_date, out->mutable_expire_date());
  out->set_note(row.note);
  out->set_state(static_cast<v1::RegistrationKey::State>(domain::StateOf(row, view.today)));
  out->set_partner(domain::PartnerName(row.partner_id));
  if (row.customer_id.has_value()) out->set_customer(domain::CustomerName(*row.customer_id));
  if (row.subscription_id.has_value()) {
    out->set_subscription(domain::SubscriptionName(*row.customer_id, *row.subscription_id));
  }
  if (row.redeem_time.has_value()) ToProto(*row.redeem_time, out->mutable_redeem_time());
  out->set_stale(domain::IsStale(*view.world.catalog, row, view.today));
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
