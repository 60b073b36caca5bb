#include "client/cli/commands.h"

#include <string>

#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {
namespace {

constexpr auto kOptional = Positional::kOptional;
constexpr auto kRequired = Positional::kRequired;

void AddPartners(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"partner", "create", "lmp.v1.CustomerService.CreatePartner", {{"ID", "partner_id", "", kOptional}}, "partner",
        "Create a partner. Without ID the server makes one.",
        "lmp partner create acme-msp --display-name \"Acme MSP\" --tier reseller --parent north-distribution"},
       {"partner", "get", "lmp.v1.CustomerService.GetPartner", {{"PARTNER", "name", "partners/*"}}, "",
        "Show one partner.", "lmp partner get acme-msp"},
       {"partner", "list", "lmp.v1.CustomerService.ListPartners", {}, "", "List the partners.",
        "lmp partner list -o json"}});
}

void AddCustomers(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"customer", "create", "lmp.v1.CustomerService.CreateCustomer", {{"ID", "customer_id", "", kOptional}},
        "customer", "Create a customer. Without ID the server makes one.",
        "lmp customer create bakery --partner acme-msp --display-name \"The Bakery\" --city Bonn --region NRW \\\n"
        "      --country DE --contact-given-name Ada --contact-family-name Berg --contact-email ada@bakery.example"},
       {"customer", "get", "lmp.v1.CustomerService.GetCustomer", {{"CUSTOMER", "name", "customers/*"}}, "",
        "Show one customer.", "lmp customer get bakery"},
       {"customer", "list", "lmp.v1.CustomerService.ListCustomers", {}, "", "List the customers.",
        "lmp customer list --limit 20"},
       {"customer", "update", "lmp.v1.CustomerService.UpdateCustomer",
        {{"CUSTOMER", "customer.name", "customers/*"}}, "customer",
        "Change the fields given; a list or map becomes just what is given, \"\" makes a field empty.",
        "lmp customer update bakery --city Cologne --note \"\" --dry-run"}});
}

void AddProducts(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"product", "create", "lmp.v1.LicensingService.CreateProduct", {{"ID", "product_id", "", kOptional}}, "product",
        "Create a product. Without ID the server makes one.",
        "lmp product create cloud-app-security --display-name \"Cloud App Security\" --kind service --unit user"},
       {"product", "get", "lmp.v1.LicensingService.GetProduct", {{"PRODUCT", "name", "products/*"}}, "",
        "Show one product.", "lmp product get cloud-app-security"},
       {"product", "list", "lmp.v1.LicensingService.ListProducts", {}, "", "List the products.", "lmp product list"},
       {"product", "update", "lmp.v1.LicensingService.UpdateProduct", {{"PRODUCT", "product.name", "products/*"}},
        "product", "Change the fields given.", "lmp product update cloud-app-security --max-units 5000"}});
}

void AddPlans(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"plan", "create", "lmp.v1.LicensingService.CreateServicePlan", {{"ID", "service_plan_id", "", kOptional}},
        "service_plan", "Create a service plan. Without ID the server makes one.",
        "lmp plan create cas-annual --partner acme-msp --product cloud-app-security \\\n"
        "      --display-name \"Cloud App Security, annual\" --initial-term-months 12 --auto-renewal"},
       {"plan", "get", "lmp.v1.LicensingService.GetServicePlan", {{"PLAN", "name", "servicePlans/*"}}, "",
        "Show one service plan.", "lmp plan get cas-annual"},
       {"plan", "list", "lmp.v1.LicensingService.ListServicePlans", {}, "", "List the service plans.",
        "lmp plan list"},
       {"plan", "update", "lmp.v1.LicensingService.UpdateServicePlan",
        {{"PLAN", "service_plan.name", "servicePlans/*"}}, "service_plan",
        "Change the fields given. Subscriptions keep what they copied from the plan.",
        "lmp plan update cas-annual --auto-renewal=false --grace-period-days 14"},
       {"plan", "assignable", "lmp.v1.LicensingService.ListAssignableServicePlans",
        {{"CUSTOMER", "customer", "customers/*"}}, "",
        "List the plans of the customer's partner, with whether each can be assigned today, or why not.",
        "lmp plan assignable bakery"}});
}

void AddLicenses(std::vector<Command>& commands) {
  commands.insert(
      commands.end(),
      {{"subscription", "get", "lmp.v1.LicensingService.GetSubscription",
        {{"CUSTOMER/SUBSCRIPTION", "name", "customers/*/subscriptions/*"}}, "",
        "Show one subscription with its licences.", "lmp subscription get bakery/01h8xk"},
       {"subscription", "list", "lmp.v1.LicensingService.ListSubscriptions",
        {{"CUSTOMER", "parent", "customers/*", kOptional, "customers/-"}}, "",
        "List a customer's subscriptions, or everybody's.", "lmp subscription list bakery"},
       {"license", "get", "lmp.v1.LicensingService.GetLicense",
        {{"CUSTOMER/LICENSE", "name", "customers/*/licenses/*"}}, "", "Show one licence.",
        "lmp license get bakery/01h8xm"},
       {"license", "list", "lmp.v1.LicensingService.ListLicenses",
        {{"CUSTOMER", "parent", "customers/*", kOptional, "customers/-"}}, "",
        "List a customer's licences, or everybody's.", "lmp license list bakery"},
       {"license", "check", "lmp.v1.LicensingService.CheckLicense",
        {{"CUSTOMER", "customer", "customers/*"}, {"PRODUCT", "product", "products/*"}}, "",
        "Ask whether the customer may use the product now. \"No\" is an answer and exits 0.",
        "lmp license check bakery cloud-app-security -o json"}});
}

}  // namespace

const google::protobuf::MethodDescriptor& Command::descriptor() const {
  return *google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
}

std::vector<FieldFlag> Command::Flags() const {
  std::vector<std::string> taken;
  for (const Positional& positional : positionals) taken.emplace_back(positional.field);
  const google::protobuf::Descriptor* type = descriptor().input_type();
  if (!body.empty()) type = type->FindFieldByName(std::string(body))->message_type();
  return FieldFlags(*type, taken);
}

const std::vector<Group>& Groups() {
  static const auto* const kGroups = new std::vector<Group>{
      {"partner", "Distributors, and the resellers and service providers below them."},
      {"customer", "The companies that partners look after."},
      {"product", "What vendors license: services, software, suites."},
      {"plan", "Service plans: partners' offers on one product or suite."},
      {"subscription", "Service plans that were assigned to customers."},
      {"license", "Licences: one product for one customer."}};
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
    return commands;
  }();
  return *kCommands;
}

const google::protobuf::FieldDescriptor* ListedItems(const google::protobuf::Descriptor& response) {
  const google::protobuf::FieldDescriptor* items = nullptr;
  for (int i = 0; i < response.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = response.field(i);
    if (field->name() == "next_page_token") continue;
    if (!field->is_repeated() || field->message_type() == nullptr || items != nullptr) return nullptr;
    items = field;
  }
  return items;
}

}  // namespace lmp::cli
