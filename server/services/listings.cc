#include "server/services/listings.h"

#include "server/domain/lookup.h"
#include "server/wire/fields.h"

namespace lmp::server {
namespace {

using Changes = wire::IndexedField::Changes;

// A parent that does not exist is an error and not an empty page.
absl::StatusOr<Selection> OfCustomer(const Reading& reading, const std::string& customer_id,
                                     std::optional<absl::Time> read_time) {
  if (customer_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world, read_time.has_value()
                                                 ? LoadAsOf(reading, {.customers = {customer_id}}, read_time)
                                                 : storage::LoadCustomerRow(reading.connection, customer_id, reading.cache));
  RETURN_IF_ERROR(FindCustomer(world, reading.env.caller, customer_id).status());
  return Selection{{"customer_id", customer_id}};
}

// The id or ids of the parent in a request, by one of the functions of Fields.
template <class Request>
std::string ParseCustomer(const Request& request, wire::Fields& fields) {
  return fields.ParentOrAll("parent", request.parent(), "customers");
}

std::string ParsePartner(const v1::ListLicensePoolsRequest& request, wire::Fields& fields) {
  return fields.ParentOrAll("parent", request.parent(), "partners");
}

std::string ParsePlan(const v1::ListRegistrationKeysRequest& request, wire::Fields& fields) {
  return fields.OptionalName("service_plan", request.service_plan(), "servicePlans");
}

model::RowKey ParseSubscription(const v1::ListScheduledChangesRequest& request, wire::Fields& fields) {
  return fields.ChildOrAll("parent", request.parent(), "customers", "subscriptions");
}

template <class Request, auto parse>
absl::Status Check(const Request& request) {
  wire::Fields fields;
  parse(request, fields);
  return fields.status();
}

template <class Request>
absl::StatusOr<Selection> SelectOfCustomer(const Reading& reading, const Request& request,
                                           std::optional<absl::Time> read_time) {
  wire::Fields checked;
  return OfCustomer(reading, ParseCustomer(request, checked), read_time);
}

absl::StatusOr<Selection> SelectPools(const Reading& reading, const v1::ListLicensePoolsRequest& request,
                                      std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const std::string partner_id = ParsePartner(request, checked);
  if (partner_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world, LoadAsOf(reading, {.partners = {partner_id}}, read_time));
  RETURN_IF_ERROR(FindPartner(world, reading.env.caller, partner_id).status());
  return Selection{{"partner_id", partner_id}};
}

absl::StatusOr<Selection> SelectKeys(const Reading& reading, const v1::ListRegistrationKeysRequest& request,
                                     std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const std::string plan_id = ParsePlan(request, checked);
  if (plan_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world, LoadAsOf(reading, {.service_plans = {plan_id}}, read_time));
  RETURN_IF_ERROR(FindServicePlan(world, reading.env.caller, plan_id).status());
  return Selection{{"service_plan_id", plan_id}};
}

absl::StatusOr<Selection> SelectChanges(const Reading& reading, const v1::ListScheduledChangesRequest& request,
                                        std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const model::RowKey parent = ParseSubscription(request, checked);
  ASSIGN_OR_RETURN(Selection selection, OfCustomer(reading, parent.first, read_time));
  if (!parent.second.empty()) selection.emplace_back("subscription_id", parent.second);
  // What waited at a read_time may have been done since.
  if (!request.show_all() && !read_time.has_value()) selection.emplace_back("state", "PENDING");
  return selection;
}

bool ShowsCustomer(const v1::ListCustomersRequest& request, const v1::Customer& customer) {
  return request.show_deleted() || !customer.has_delete_time();
}

// Plans of products at END_OF_LIFE are hidden. [LMP]
bool ShowsPlan(const v1::ListServicePlansRequest& request, const v1::ServicePlan& plan) {
  return request.show_deleted() || (!plan.has_delete_time() && plan.state() != v1::ServicePlan::END_OF_LIFE);
}

bool ShowsChange(const v1::ListScheduledChangesRequest& request, const v1::ScheduledChange& change) {
  return request.show_all() || change.state() == v1::ScheduledChange::PENDING;
}

}  // namespace

Listing<v1::ListPartnersRequest, v1::ListPartnersResponse, model::Partner, v1::Partner> Partners() {
  return {.find = {{"parent", "parent_id", "partners", Changes::kNever}}, .orders = {{"display_name", "display_name"}}};
}

Listing<v1::ListCustomersRequest, v1::ListCustomersResponse, model::Customer, v1::Customer> Customers() {
  return {.find = {{"partner", "partner_id", "partners", Changes::kNever},
                   {"external_id", "external_id"},
                   {"display_name", "display_name"}},
          .orders = {{"display_name", "display_name"}},
          .shows = ShowsCustomer};
}

Listing<v1::ListProductsRequest, v1::ListProductsResponse, model::Product, v1::Product> Products() {
  return {.orders = {{"display_name", "display_name"}}};
}

Listing<v1::ListServicePlansRequest, v1::ListServicePlansResponse, model::ServicePlan, v1::ServicePlan> ServicePlans() {
  return {.find = {{"partner", "partner_id", "partners", Changes::kNever},
                   {"product", "product_id", "products", Changes::kNever}},
          .orders = {{"display_name", "display_name"}},
          .shows = ShowsPlan};
}

Listing<v1::ListSubscriptionsRequest, v1::ListSubscriptionsResponse, model::Subscription, v1::Subscription> Subscriptions() {
  return {.find = {{"service_plan", "service_plan_id", "servicePlans"}},
          .check = Check<v1::ListSubscriptionsRequest, ParseCustomer<v1::ListSubscriptionsRequest>>,
          .select = SelectOfCustomer};
}

Listing<v1::ListLicensesRequest, v1::ListLicensesResponse, model::License, v1::License> Licenses() {
  return {.find = {{"product", "product_id", "products"}},  // another level of a family is another product
          .orders = {{"expiration_date", "expiration_date", "", Changes::kWithTime}},
          .check = Check<v1::ListLicensesRequest, ParseCustomer<v1::ListLicensesRequest>>,
          .select = SelectOfCustomer};
}

Listing<v1::ListLicensePoolsRequest, v1::ListLicensePoolsResponse, model::LicensePool, v1::LicensePool> LicensePools() {
  return {.find = {{"product", "product_id", "products", Changes::kNever}},
          .check = Check<v1::ListLicensePoolsRequest, ParsePartner>,
          .select = SelectPools};
}

Listing<v1::ListRegistrationKeysRequest, v1::ListRegistrationKeysResponse, model::RegistrationKey, v1::RegistrationKey>
RegistrationKeys() {
  return {.find = {{"service_plan", "service_plan_id", "servicePlans", Changes::kNever},
                   {"partner", "partner_id", "partners", Changes::kNever}},
          .orders = {{"expire_date", "expire_date", "", Changes::kNever}},
          .check = Check<v1::ListRegistrationKeysRequest, ParsePlan>,
          .select = SelectKeys};
}

Listing<v1::ListScheduledChangesRequest, v1::ListScheduledChangesResponse, model::ScheduledChange, v1::ScheduledChange>
ScheduledChanges() {
  return {.orders = {{"effective_date", "effective_date", "", Changes::kNever}},
          .default_order = "effective_date",
          .check = Check<v1::ListScheduledChangesRequest, ParseSubscription>,
          .select = SelectChanges,
          .shows = ShowsChange};
}

}  // namespace lmp::server
