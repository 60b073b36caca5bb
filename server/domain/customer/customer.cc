#include "server/domain/customer/customer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/unique.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

constexpr int kMaxEmergencyEmails = 10;
constexpr int kMaxEmergencyEmailCharacters = 250;
constexpr int kMaxAnnotations = 32;

// True for one "@" with something on both sides, and only the characters that LMP allows [LMP] (and "+" [ours]).
bool IsEmail(absl::string_view text) {
  const size_t at = text.find('@');
  if (at == absl::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  return text.find('@', at + 1) == absl::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("@-._+", c);
         });
}

// ISO 3166-1, the 249 that are officially assigned (2025): neither those of nobody ("XX"), nor former ones.
constexpr absl::string_view kCountries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

bool IsCountryCode(absl::string_view text) {
  return text.size() == 2 && !absl::StrContains(text, ' ') && absl::StrContains(kCountries, text);
}

void CheckEmails(const std::vector<std::string>& emails, FieldChecks& checks) {
  size_t total = 0;
  for (size_t i = 0; i < emails.size(); ++i) {
    total += emails[i].size();
    checks.Require(IsEmail(emails[i]), absl::StrCat("emergency_emails[", i, "]"), "is not an e-mail address");
  }
  checks.Require(emails.size() <= kMaxEmergencyEmails && total <= kMaxEmergencyEmailCharacters, "emergency_emails",
                 absl::StrCat("must be at most ", kMaxEmergencyEmails, " addresses with together at most ",
                              kMaxEmergencyEmailCharacters, " characters"));
}

void CheckAnnotations(const model::StringMap& annotations, FieldChecks& checks) {
  checks.Require(annotations.size() <= kMaxAnnotations, "annotations",
                 absl::StrCat("must have at most ", kMaxAnnotations, " entries"));
  for (const auto& [key, value] : annotations) {
    checks.Text("annotations.key", key, 1, 63);
    checks.Text(absl::StrCat("annotations[", key, "]"), value, 0, 256);
  }
}

// A deleted customer that can't be undeleted any more gives up its external id.
void ReleaseIfGone(model::World& world, const model::UniqueValue& wanted, absl::Time now) {
  const auto owner = world.unique_holders.find(wanted);
  model::Customer* customer = owner == world.unique_holders.end() ? nullptr : Find(world.customers, owner->second);
  if (customer == nullptr || !IsGone(*customer, now)) return;
  // Another call may have taken the id since it was looked up. The table's unique key reports that, and then everything
  // is done anew.
  if (customer->external_id == wanted.value) customer->external_id.reset();
  ReleaseUnique(world, wanted);
}

// Takes the external id for the customer, if it has one.
absl::Status TakeExternalId(model::World& world, const model::Customer& customer, const std::string& released,
                            absl::Time now) {
  if (!customer.external_id.has_value()) {
    ReleaseUnique(world, {model::kUniqueExternalId, customer.partner_id, released});
    return absl::OkStatus();
  }
  const model::UniqueValue wanted{model::kUniqueExternalId, customer.partner_id, *customer.external_id};
  ReleaseIfGone(world, wanted, now);
  return TakeUnique(world, wanted, released, customer.customer_id, reason::kExternalIdTaken, "customers");
}

}  // namespace

bool IsGone(const model::Customer& customer, absl::Time now) {
  return customer.delete_time.has_value() && now - *customer.delete_time > kUndeletePeriod;
}

std::vector<FieldViolation> CustomerViolations(const model::Customer& customer) {
  FieldChecks checks;
  checks.Require(!customer.partner_id.empty(), "partner", "is required");
  checks.Text("display_name", customer.display_name, 1, 128);
  checks.Text("city", customer.city, 1, 64);
  checks.Text("region", customer.region, 1, 64);
  checks.Require(IsCountryCode(customer.country), "country",
                 "must be the two capital letters of a country (ISO 3166-1 alpha-2)");
  checks.Text("address", customer.address, 0, 128, Lines::kMany);
  checks.Text("postal_code", customer.postal_code, 0, 10);
  checks.Text("industry", customer.industry, 0, 3);
  checks.Text("note", customer.note, 0, 500, Lines::kMany);
  CheckEmails(customer.emergency_emails, checks);
  checks.Text("contact.given_name", customer.contact_given_name, 1, 50);
  checks.Text("contact.family_name", customer.contact_family_name, 1, 50);
  checks.Text("contact.email", customer.contact_email, 1, 128);
  if (!customer.contact_email.empty()) {
    checks.Require(IsEmail(customer.contact_email), "contact.email", "is not an e-mail address");
  }
  if (customer.external_id.has_value()) checks.Text("external_id", *customer.external_id, 1, 64);
  CheckAnnotations(customer.annotations, checks);
  return checks.Take();
}

model::Footprint CreateCustomerCommand::footprint() const {
  model::Footprint footprint{.partners = {customer.partner_id}, .customers = {customer.customer_id}};
  if (customer.external_id.has_value()) {
    footprint.unique.push_back(
        {.column = model::kUniqueExternalId, .partner_id = customer.partner_id, .value = *customer.external_id});
  }
  return footprint;
}

absl::StatusOr<std::string> CreateCustomer(model::World& world, const CreateCustomerCommand& command, const Env& env) {
  const model::Customer& customer = command.customer;
  RETURN_IF_ERROR(InvalidFields(CustomerViolations(customer), "customer."));
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kCreateCustomer, customer.partner_id).status());
  if (Find(world.customers, customer.customer_id) != nullptr) {
    const std::string name = CustomerName(customer.customer_id);
    return AlreadyExists(reason::kCustomerExists, name, absl::StrCat(name, " can't be had: choose another id"));
  }
  RETURN_IF_ERROR(TakeExternalId(world, customer, "", env.now));
  world.customers[{customer.customer_id, ""}] = customer;
  return customer.customer_id;
}

model::Footprint UpdateCustomerCommand::footprint() const {
  model::Footprint footprint{.customers = {customer_id}};
  if (patch.columns.contains("external_id") && patch.values.external_id.has_value()) {
    footprint.unique.push_back(
        {.column = model::kUniqueExternalId, .row_id = customer_id, .value = *patch.values.external_id});
  }
  return footprint;
}

absl::StatusOr<std::string> UpdateCustomer(model::World& world, const UpdateCustomerCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Customer* const customer,
                   FindReadCustomer(world, env.caller, Verb::kUpdateCustomer, command.customer_id, command.etag));
  const std::string& partner = command.patch.values.partner_id;
  if (!partner.empty() && partner != customer->partner_id) {
    return InvalidFields({{"customer.partner", "can't be changed"}});
  }
  model::Customer updated = *customer;
  ApplyPatch(command.patch, updated);
  RETURN_IF_ERROR(InvalidFields(Brought(*customer, updated, CustomerViolations), "customer."));
  if (updated.external_id != customer->external_id) {
    RETURN_IF_ERROR(TakeExternalId(world, updated, customer->external_id.value_or(""), env.now));
  }
  *customer = std::move(updated);
  return command.customer_id;
}

}  // namespace lmp::domain
