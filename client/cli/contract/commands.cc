#include "client/cli/contract/commands.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {
namespace {

constexpr auto kOptional = Positional::kOptional;
constexpr auto kRequired = Positional::kRequired;

void AddPartners(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"partner", "create", "lmp.v1.CustomerService.CreatePartner", {{"ID", "partner_id", kOptional}}, "partner",
        "Create a partner. Without ID the server makes one.",
        "lmp partner create acme-msp --display-name \"Acme MSP\" --tier reseller --parent north-distribution"},
       {"partner", "get", "lmp.v1.CustomerService.GetPartner", {{"PARTNER", "name"}}, "",
        "Show one partner.", "lmp partner get acme-msp"},
       {"partner", "list", "lmp.v1.CustomerService.ListPartners", {}, "", "List the partners.",
        "lmp partner list -o json"}});
}

void AddCustomers(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"customer", "create", "lmp.v1.CustomerService.CreateCustomer", {{"ID", "customer_id", kOptional}},
        "customer", "Create a customer. Without ID the server makes one.",
        "lmp customer create bakery --partner acme-msp --display-name \"The Bakery\" --city Bonn --region NRW \\\n"
        "      --country DE --contact-given-name Ada --contact-family-name Berg --contact-email ada@bakery.example"},
       {"customer", "get", "lmp.v1.CustomerService.GetCustomer", {{"CUSTOMER", "name"}}, "",
        "Show one customer.", "lmp customer get bakery"},
       {"customer", "list", "lmp.v1.CustomerService.ListCustomers",
        {{.label = "TEXT", .field = "filter", .need = kOptional, .is_search = true}}, "",
        "List the customers, or those with TEXT in their name, city, external id or contact.",
        "lmp customer list bonn"},
       {"customer", "update", "lmp.v1.CustomerService.UpdateCustomer",
        {{"CUSTOMER", "customer.name"}}, "customer",
        "Change the fields given; a list or map becomes just what is given, \"\" makes a field empty.",
        "lmp customer update bakery --city Cologne --note \"\" --dry-run"}});
}

void AddProducts(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"product", "create", "lmp.v1.LicensingService.CreateProduct", {{"ID", "product_id", kOptional}}, "product",
        "Create a product. Without ID the server makes one.",
        "lmp product create cloud-app-security --display-name \"Cloud App Security\" --kind service --unit user"},
       {"product", "get", "lmp.v1.LicensingService.GetProduct", {{"PRODUCT", "name"}}, "",
        "Show one product.", "lmp product get cloud-app-security"},
       {"product", "list", "lmp.v1.LicensingService.ListProducts", {}, "", "List the products.", "lmp product list"},
       {"product", "update", "lmp.v1.LicensingService.UpdateProduct", {{"PRODUCT", "product.name"}},
        "product", "Change the fields given.", "lmp product update cloud-app-security --max-units 5000"}});
}

void AddPlans(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"plan", "create", "lmp.v1.LicensingService.CreateServicePlan", {{"ID", "service_plan_id", kOptional}},
        "service_plan", "Create a service plan. Without ID the server makes one.",
        "lmp plan create cas-annual --partner acme-msp --product cloud-app-security \\\n"
        "      --display-name \"Cloud App Security, annual\" --initial-term-months 12 --auto-renewal"},
       {"plan", "get", "lmp.v1.LicensingService.GetServicePlan", {{"PLAN", "name"}}, "",
        "Show one service plan.", "lmp plan get cas-annual"},
       {"plan", "list", "lmp.v1.LicensingService.ListServicePlans", {}, "", "List the service plans.",
        "lmp plan list"},
       {"plan", "update", "lmp.v1.LicensingService.UpdateServicePlan",
        {{"PLAN", "service_plan.name"}}, "service_plan",
        "Change the fields given. Subscriptions keep what they copied from the plan.",
        "lmp plan update cas-annual --auto-renewal=false --grace-period-days 14"},
       {"plan", "assignable", "lmp.v1.LicensingService.ListAssignableServicePlans",
        {{"CUSTOMER", "customer"}}, "",
        "List the plans of the customer's partner, with whether each can be assigned today, or why not.",
        "lmp plan assignable bakery"}});
}

void AddLicenses(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"subscription", "get", "lmp.v1.LicensingService.GetSubscription",
        {{"CUSTOMER/SUBSCRIPTION", "name"}}, "",
        "Show one subscription with its licenses.", "lmp subscription get bakery/..h8xk3q"},
       {"subscription", "list", "lmp.v1.LicensingService.ListSubscriptions",
        {{"CUSTOMER", "parent", kOptional, "customers/-"}}, "",
        "List a customer's subscriptions, or everybody's.", "lmp subscription list bakery"},
       {"license", "get", "lmp.v1.LicensingService.GetLicense",
        {{"CUSTOMER/LICENSE", "name"}}, "", "Show one license.",
        "lmp license get bakery/..h8xm7r"},
       {"license", "list", "lmp.v1.LicensingService.ListLicenses",
        {{"CUSTOMER", "parent", kOptional, "customers/-"}}, "",
        "List a customer's licenses, or everybody's.", "lmp license list bakery"},
       {"license", "check", "lmp.v1.LicensingService.CheckLicense",
        {{"CUSTOMER", "customer"}, {"PRODUCT", "product"}}, "",
        "Ask whether the customer may use the product now. \"No\" is an answer and exits 0.",
        "lmp license check bakery cloud-app-security -o json"},
       {"license", "token", "lmp.v1.LicensingService.IssueLicenseToken",
        {{"CUSTOMER/LICENSE", "name"}}, "",
        "Issue a signed token, to be verified without a server: see `lmp license verify`.",
        "lmp license token bakery/..h8xm7r --valid-days 90 -o json > token.json"},
       {"license", "token-keys", "lmp.v1.LicensingService.ListLicenseTokenKeys", {}, "",
        "Show the public keys that verify license tokens.", "lmp license token-keys -o json > keys.json"},
       {"license", "revocations", "lmp.v1.LicensingService.GetLicenseRevocationList",
        {{"CUSTOMER", "parent"}}, "",
        "Show the signed list of a customer's tokens that no longer hold, or of all of a partner (partners/PARTNER).",
        "lmp license revocations bakery -o json > revocations.json"}});
}

// The verbs: what changes the state of a thing, beyond its fields.
void AddVerbs(std::vector<Command>& commands) {
  commands.insert(commands.end(), {
      {"partner", "update", "lmp.v1.CustomerService.UpdatePartner", {{"PARTNER", "partner.name"}}, "partner", "Change the display name.", "lmp partner update acme-msp --display-name \"Acme Services\""},
      {"partner", "suspend", "lmp.v1.CustomerService.SuspendPartner", {{"PARTNER", "name"}}, "", "Make a partner read only; what it has goes on.", "lmp partner suspend acme-msp"},
      {"partner", "resume", "lmp.v1.CustomerService.ResumePartner", {{"PARTNER", "name"}}, "", "End a partner's suspension.", "lmp partner resume acme-msp"},
      {"partner", "cancel", "lmp.v1.CustomerService.CancelPartner", {{"PARTNER", "name"}}, "", "Cancel a partner for good: its customers' licenses are disabled.", "lmp partner cancel acme-msp --dry-run"},
      {"customer", "batch-get", "lmp.v1.CustomerService.BatchGetCustomers", {}, "", "Show several customers at once.", "lmp customer batch-get --names bakery --names butcher"},
      {"customer", "disable", "lmp.v1.CustomerService.DisableCustomer", {{"CUSTOMER", "name"}}, "", "Disable a customer: all its licenses are disabled at once.", "lmp customer disable bakery"},
      {"customer", "enable", "lmp.v1.CustomerService.EnableCustomer", {{"CUSTOMER", "name"}}, "", "Enable a customer again: its licenses are back with their original expirations.", "lmp customer enable bakery"},
      {"customer", "delete", "lmp.v1.CustomerService.DeleteCustomer", {{"CUSTOMER", "name"}}, "", "Delete a customer; it can be undeleted for 30 days.", "lmp customer delete bakery --force --dry-run"},
      {"customer", "undelete", "lmp.v1.CustomerService.UndeleteCustomer", {{"CUSTOMER", "name"}}, "", "Bring a deleted customer back.", "lmp customer undelete bakery"},
      {"product", "change-components", "lmp.v1.LicensingService.ChangeSuiteComponents", {{"PRODUCT", "name"}}, "", "Add and remove components of a suite; its plans are locked until approved.", "lmp product change-components suite --add-components cloud-app-security"},
      {"product", "end-sale", "lmp.v1.LicensingService.EndProductSale", {{"PRODUCT", "name"}}, "", "Stop selling a product; what is sold goes on.", "lmp product end-sale old-product"},
      {"product", "end-life", "lmp.v1.LicensingService.EndProductLife", {{"PRODUCT", "name"}}, "", "End a product: licenses end on the date at the latest.", "lmp product end-life old-product --end-date 2027-06-30"},
      {"plan", "enable", "lmp.v1.LicensingService.EnableServicePlan", {{"PLAN", "name"}}, "", "Let a plan be assigned again.", "lmp plan enable cas-annual"},
      {"plan", "disable", "lmp.v1.LicensingService.DisableServicePlan", {{"PLAN", "name"}}, "", "Stop assigning a plan; customers that have it keep it.", "lmp plan disable cas-annual"},
      {"plan", "delete", "lmp.v1.LicensingService.DeleteServicePlan", {{"PLAN", "name"}}, "", "Delete a plan; subscriptions that came from it go on.", "lmp plan delete cas-annual"},
      {"plan", "approve", "lmp.v1.LicensingService.ApproveServicePlan", {{"PLAN", "name"}}, "", "Approve the changed composition of a plan's suite.", "lmp plan approve suite-annual"},
      {"subscription", "update", "lmp.v1.LicensingService.UpdateSubscription", {{"CUSTOMER/SUBSCRIPTION", "subscription.name"}}, "subscription", "Change units, expiration, renewal or notice: now, or on a later day.", "lmp subscription update bakery/..h8xk3q --units cloud-app-security=50 --effective-date 2027-01-01"},
      {"subscription", "change-plan", "lmp.v1.LicensingService.ChangeServicePlan", {{"CUSTOMER/SUBSCRIPTION", "name"}, {"PLAN", "service_plan"}}, "", "Move to a plan on another level of the same product family.", "lmp subscription change-plan bakery/..h8xk3q wfs-advanced-monthly"},
      {"subscription", "renew", "lmp.v1.LicensingService.RenewSubscription", {{"CUSTOMER/SUBSCRIPTION", "name"}}, "", "Extend from the current expiration, also in grace.", "lmp subscription renew bakery/..h8xk3q --term-months 12"},
      {"subscription", "suspend", "lmp.v1.LicensingService.SuspendSubscription", {{"CUSTOMER/SUBSCRIPTION", "name"}}, "", "Pause a subscription that renews by itself.", "lmp subscription suspend bakery/..h8xk3q"},
      {"subscription", "unsuspend", "lmp.v1.LicensingService.UnsuspendSubscription", {{"CUSTOMER/SUBSCRIPTION", "name"}}, "", "End a suspension.", "lmp subscription unsuspend bakery/..h8xk3q"},
      {"subscription", "cancel", "lmp.v1.LicensingService.CancelSubscription", {{"CUSTOMER/SUBSCRIPTION", "name"}}, "", "End a subscription at once and for good.", "lmp subscription cancel bakery/..h8xk3q --dry-run"},
      {"subscription", "changes", "lmp.v1.LicensingService.ListScheduledChanges", {{"CUSTOMER/SUBSCRIPTION", "parent"}}, "", "List the changes that wait for their day.", "lmp subscription changes bakery/- --show-all"},
      {"subscription", "cancel-change", "lmp.v1.LicensingService.CancelScheduledChange", {{"CUSTOMER/CHANGE", "name"}}, "", "Call a change off that waits for its day.", "lmp subscription cancel-change bakery/..h8xz5w"},
      {"license", "batch-check", "lmp.v1.LicensingService.BatchCheckLicenses", {}, "", "Ask for many customers and products at once.", "lmp license batch-check --requests bakery=cloud-app-security --requests butcher=cloud-app-security"},
      {"license", "activate", "lmp.v1.LicensingService.ActivateLicense", {{"CUSTOMER/LICENSE", "name"}}, "", "Record the customer's first sign-in.", "lmp license activate bakery/..h8xm7r"},
      {"license", "delete", "lmp.v1.LicensingService.DeleteUnbundledLicense", {{"CUSTOMER/LICENSE", "name"}}, "", "End a license that belongs to no subscription.", "lmp license delete bakery/..h8xm7r"},
      {"license", "report-usage", "lmp.v1.LicensingService.ReportUsage", {{"CUSTOMER/LICENSE", "name"}}, "", "Report how many units are in use.", "lmp license report-usage bakery/..h8xm7r --used-units 42"},
      {"pool", "get", "lmp.v1.LicensingService.GetLicensePool", {{"PARTNER/PRODUCT", "name"}}, "", "Show one pool.", "lmp pool get acme-msp/cloud-app-security"},
      {"pool", "list", "lmp.v1.LicensingService.ListLicensePools", {{"PARTNER", "parent", kOptional, "partners/-"}}, "", "List a partner's pools, or everybody's.", "lmp pool list acme-msp"},
      {"pool", "update", "lmp.v1.LicensingService.UpdateLicensePool", {{"PARTNER/PRODUCT", "license_pool.name"}}, "license_pool", "Set the refill threshold.", "lmp pool update acme-msp/cloud-app-security --minimum-units 50"},
      {"pool", "add", "lmp.v1.LicensingService.AddLicensePoolUnits", {{"PARTNER/PRODUCT", "name"}}, "", "Add units, and make the pool if there is none.", "lmp pool add acme-msp/cloud-app-security --units 500"}});
}

// Many at once, keys, and questions about what was.
void AddBatchesAndHistory(std::vector<Command>& commands) {
  commands.insert(commands.end(), {
      {"subscription", "apply-updates", "lmp.v1.LicensingService.ApplyPlanUpdates", {{"CUSTOMER/SUBSCRIPTION", "name"}}, "", "Bring a subscription up to its plan, whose suite changed.", "lmp subscription apply-updates bakery/..h8xk3q --units cloud-app-security=50 --dry-run"},
      {"plan", "apply-updates", "lmp.v1.LicensingService.BatchApplyPlanUpdates", {{"PLAN", "service_plan"}}, "", "The same for all running subscriptions of a plan; can be interrupted and started again.", "lmp plan apply-updates suite-annual --crossgrade-mode automatic"},
      {"subscription", "update-all", "lmp.v1.LicensingService.BatchUpdateSubscriptions", {{"CUSTOMER", "parent"}}, "update", "Change all running subscriptions of a customer, or some, in one transaction.", "lmp subscription update-all bakery --align-date 2027-12-31"},
      {"subscription", "renew-all", "lmp.v1.LicensingService.BatchUpdateSubscriptions", {{"CUSTOMER", "parent"}}, "renew", "Renew all running subscriptions of a customer, or some, in one transaction.", "lmp subscription renew-all bakery --term-months 12 --service-plan cas-annual"},
      {"subscription", "suspend-all", "lmp.v1.LicensingService.BatchUpdateSubscriptions", {{"CUSTOMER", "parent"}}, "suspend", "Suspend them; those that can't be are listed and left.", "lmp subscription suspend-all bakery --dry-run"},
      {"subscription", "unsuspend-all", "lmp.v1.LicensingService.BatchUpdateSubscriptions", {{"CUSTOMER", "parent"}}, "unsuspend", "End their suspensions.", "lmp subscription unsuspend-all bakery"},
      {"subscription", "cancel-all", "lmp.v1.LicensingService.BatchUpdateSubscriptions", {{"CUSTOMER", "parent"}}, "cancel", "Cancel them at once and for good.", "lmp subscription cancel-all bakery --product cloud-app-security"},
      {"license", "explain", "lmp.v1.LicensingService.ExplainLicense", {{"CUSTOMER/LICENSE", "name"}}, "", "Say which event and which rule gave a license its units, dates and state.", "lmp license explain bakery/..h8xm7r"},
      {"partner", "usage", "lmp.v1.LicensingService.GetUsageReport", {{"PARTNER", "parent"}}, "", "Show what a partner's customers had and used in a month, at the peak.", "lmp partner usage acme-msp --month 2026-11"},
      {"key", "create", "lmp.v1.LicensingService.CreateRegistrationKey", {{"PLAN", "registration_key.service_plan"}}, "registration_key", "Make a one-time key that lets a customer claim a plan.", "lmp key create cas-annual --units cloud-app-security=10 --note \"trade fair\""},
      {"key", "get", "lmp.v1.LicensingService.GetRegistrationKey", {{"KEY", "name"}}, "", "Show one key.", "lmp key get 01m867ask0"},
      {"key", "list", "lmp.v1.LicensingService.ListRegistrationKeys", {{"PLAN", "service_plan", kOptional}}, "", "List the keys of a plan, or all.", "lmp key list cas-annual"},
      {"key", "update", "lmp.v1.LicensingService.UpdateRegistrationKey", {{"KEY", "registration_key.name"}}, "registration_key", "Give a key other units, such as one that is stale, or another expire date or note.", "lmp key update 01m867ask0 --units cloud-app-security=12"},
      {"key", "void", "lmp.v1.LicensingService.VoidRegistrationKey", {{"KEY", "name"}}, "", "Take a key back that nobody redeemed.", "lmp key void 01m867ask0"},
      {"key", "redeem", "lmp.v1.LicensingService.RedeemRegistrationKey", {{"KEY", "name"}, {"CUSTOMER", "customer"}}, "", "Redeem a key for a customer: assigns its plan, once.", "lmp key redeem 01m867ask0 bakery --dry-run"},
      {"event", "get", "lmp.v1.LicensingService.GetEvent", {{"EVENT", "name"}}, "", "Show one event: who changed what, when, and what it was before.", "lmp event get 4711"},
      {"event", "list", "lmp.v1.LicensingService.ListEvents", {{"RESOURCE", "parent"}}, "", "Show the history of a customer with all that is its, or of any one resource.", "lmp event list partners/acme-msp/licensePools/cloud-app-security --order-by \"event_time desc\""}});
}

}  // namespace

const google::protobuf::MethodDescriptor& Command::descriptor() const {
  return *google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
}

std::vector<FieldFlag> Command::Flags() const {
  std::vector<std::string> taken;
  for (const Positional& positional : positionals) {
    if (!positional.is_search) taken.emplace_back(positional.field);
  }
  const google::protobuf::Descriptor& request = *descriptor().input_type();
  if (body.empty()) return FieldFlags(request, taken);
  std::vector<FieldFlag> flags = FieldFlags(*request.FindFieldByName(std::string(body))->message_type(), taken);
  taken.emplace_back(body);
  // Of alternatives, the one that the body is.
  const google::protobuf::OneofDescriptor* choice = request.FindFieldByName(std::string(body))->containing_oneof();
  for (int i = 0; choice != nullptr && i < choice->field_count(); ++i) taken.push_back(choice->field(i)->name());
  for (FieldFlag& flag : FieldFlags(request, taken)) flags.push_back(std::move(flag));
  if (verb != "update") return flags;
  flags.erase(std::remove_if(flags.begin(), flags.end(),
                             [](const FieldFlag& flag) { return absl::StrContains(flag.Help(), "an't change"); }),
              flags.end());
  for (FieldFlag& flag : flags) flag.is_of_update = true;
  return flags;
}

const std::vector<Group>& Groups() {
  static const auto* const kGroups = new std::vector<Group>{
      {"partner", "Distributors, and the resellers and service providers below them."},
      {"customer", "The companies that partners look after."},
      {"product", "What vendors license: services, software, suites."},
      {"plan", "Service plans: partners' offers on one product or suite."},
      {"subscription", "Service plans that were assigned to customers."},
      {"license", "Licenses: one product for one customer."},
      {"pool", "License pools: units that a partner may hand out."},
      {"key", "Registration keys: one-time keys that let a customer claim a plan."},
      {"event", "History: who changed what, when, and what it was before."}};
  return *kGroups;
}

const std::vector<Command>& Commands() {
  static const auto* const kCommands = [] {
    // Naming a message of each file makes the linker keep their descriptors.
    v1::GetCustomerRequest::descriptor();
    v1::GetProductRequest::descriptor();
    auto* commands = new std::vector<Command>;
    AddPartners(*commands);
    AddCustomers(*commands);
    AddProducts(*commands);
    AddPlans(*commands);
    AddLicenses(*commands);
    AddVerbs(*commands);
    AddBatchesAndHistory(*commands);
    return commands;
  }();
  return *kCommands;
}

const google::protobuf::FieldDescriptor* ListedItems(const google::protobuf::Descriptor& response) {
  const google::protobuf::FieldDescriptor* items = nullptr;
  for (int i = 0; i < response.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = response.field(i);
    if (field->name() == "next_page_token") continue;
    if (field->message_type() != nullptr && field->message_type()->full_name() == "google.protobuf.Timestamp") continue;
    if (!field->is_repeated() || field->message_type() == nullptr || items != nullptr) return nullptr;
    items = field;
  }
  return items;
}

}  // namespace lmp::cli
