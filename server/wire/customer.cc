#include "server/wire/customer.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/domain/lookup.h"
#include "server/wire/mutation_request.h"

namespace lmp::wire {
namespace {

constexpr int kMaxBatchGet = 100;

model::Customer ToRow(const v1::Customer& customer, Fields& fields) {
  model::Customer row;
  row.partner_id = fields.OptionalName("customer.partner", customer.partner(), "partners");
  row.display_name = customer.display_name();
  row.city = customer.city();
  row.region = customer.region();
  row.country = customer.country();
  row.address = customer.address();
  row.postal_code = customer.postal_code();
  row.industry = customer.industry();
  row.note = customer.note();
  row.emergency_emails.assign(customer.emergency_emails().begin(), customer.emergency_emails().end());
  row.contact_given_name = customer.contact().given_name();
  row.contact_family_name = customer.contact().family_name();
  row.contact_email = customer.contact().email();
  row.external_id = OrNone(customer.external_id());
  row.annotations.insert(customer.annotations().begin(), customer.annotations().end());
  return row;
}

}  // namespace

absl::StatusOr<domain::CreateCustomerCommand> ParseCreateCustomer(const v1::CreateCustomerRequest& request,
                                                                  const ServerContext& context) {
  Fields fields;
  domain::CreateCustomerCommand command;
  fields.ChosenId("customer_id", request.customer_id());
  command.customer = ToRow(request.customer(), fields);
  command.customer.customer_id = context.IdOr(request.customer_id());
  fields.Fail(domain::CustomerViolations(command.customer), "customer.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<std::string> ParseGetCustomer(const v1::GetCustomerRequest& request) {
  return ParseName("name", request.name(), "customers");
}

absl::StatusOr<std::vector<std::string>> ParseBatchGetCustomers(const v1::BatchGetCustomersRequest& request) {
  Fields fields;
  std::vector<std::string> ids;
  if (request.names_size() < 1 || request.names_size() > kMaxBatchGet) {
    fields.Fail("names", absl::StrCat("must be 1 to ", kMaxBatchGet, " names"));
  }
  for (int i = 0; i < request.names_size(); ++i) {
    ids.push_back(fields.Name(absl::StrCat("names[", i, "]"), request.names(i), "customers"));
  }
  RETURN_IF_ERROR(fields.status());
  return ids;
}

absl::StatusOr<domain::UpdateCustomerCommand> ParseUpdateCustomer(const v1::UpdateCustomerRequest& request) {
  static const auto& updatable = *new std::vector<absl::string_view>{
      "display_name",        "city",          "region",      "country",          "address",
      "postal_code",         "industry",      "note",        "emergency_emails", "contact.given_name",
      "contact.family_name", "contact.email", "external_id", "annotations"};
  Fields fields;
  domain::UpdateCustomerCommand command;
  command.customer_id = fields.Name("customer.name", request.customer().name(), "customers");
  command.etag = request.customer().etag();
  command.patch.values = ToRow(request.customer(), fields);
  command.patch.columns = fields.Mask(request.update_mask(), request.customer(), updatable);
  FailToo(command.patch.columns, domain::CustomerViolations(command.patch.values), "customer.", fields);
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::DeleteCustomerCommand> ParseDeleteCustomer(const v1::DeleteCustomerRequest& request) {
  ASSIGN_OR_RETURN(auto command, ParseNameAndEtag<domain::DeleteCustomerCommand>(request));
  command.force = request.force();
  return command;
}

void RenderCustomer(const engine::Decision& decided, const std::string& customer_id, v1::Customer* out) {
  ToProto(*Find(decided.after.customers, customer_id), After(decided), out);
}

void RenderEnabledCustomer(const engine::Decision& decided, const domain::EnableCustomerResult& result,
                           v1::Customer* out) {
  RenderCustomer(decided, result.customer_id, out);
  for (const std::string& id : result.ended_licenses) {
    const model::License& license = *Find(decided.after.licenses, result.customer_id, id);
    v1::Customer::Loss* loss = out->add_losses();
    loss->set_resource(domain::LicenseName(result.customer_id, id));
    loss->set_text(absl::StrCat("ended on ", absl::FormatCivilTime(license.grace_end_date),
                                ": disabled, it was not renewed on ", absl::FormatCivilTime(license.expiration_date)));
  }
  for (const auto& [key, change] : Range(decided.after.scheduled_changes, result.customer_id)) {
    const model::ScheduledChange* before = Find(decided.before.scheduled_changes, key.first, key.second);
    if (change.state != model::ChangeState::kDropped || before == nullptr ||
        before->state != model::ChangeState::kPending) {
      continue;
    }
    v1::Customer::Loss* loss = out->add_losses();
    loss->set_resource(domain::ScheduledChangeName(result.customer_id, key.second));
    loss->set_text(absl::StrCat("dropped: ", change.outcome));
  }
}

void ToProto(const model::Customer& row, const View&, v1::Customer* out) {
  out->set_name(domain::CustomerName(row.customer_id));
  out->set_partner(domain::PartnerName(row.partner_id));
  out->set_display_name(row.display_name);
  out->set_city(row.city);
  out->set_region(row.region);
  out->set_country(row.country);
  out->set_address(row.address);
  out->set_postal_code(row.postal_code);
  out->set_industry(row.industry);
  out->set_note(row.note);
  for (const std::string& email : row.emergency_emails) out->add_emergency_emails(email);
  out->mutable_contact()->set_given_name(row.contact_given_name);
  out->mutable_contact()->set_family_name(row.contact_family_name);
  out->mutable_contact()->set_email(row.contact_email);
  if (row.external_id.has_value()) out->set_external_id(*row.external_id);
  out->mutable_annotations()->insert(row.annotations.begin(), row.annotations.end());
  out->set_state(static_cast<v1::Customer::State>(row.state));
  if (row.delete_time.has_value()) ToProto(*row.delete_time, out->mutable_delete_time());
  if (row.state == model::CustomerState::kDisabled && row.disable_time.has_value()) {
    ToProto(*row.disable_time, out->mutable_disable_time());
  }
  if (row.erase_time.has_value()) ToProto(*row.erase_time, out->mutable_erase_time());
  if (row.erasing) out->set_erasing(true);
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
