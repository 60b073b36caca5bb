// `lmp` commands about customers.
#include "client/cli/contract/commands.h"

namespace lmp::cli {

std::vector<Command> CustomerCommands() {
  constexpr auto kOptional = Positional::kOptional;
  return {
      {.group = "customer",
       .verb = "create",
       .method = "lmp.v1.CustomerService.CreateCustomer",
       .positionals = {{"ID", "customer_id", kOptional}},
       .body = "customer",
       .help = "Create a customer. Without ID the server makes one.",
       .example =
           "lmp customer create bakery --partner acme-msp --display-name \"The Bakery\" --city Bonn --region NRW \\\n"
           "      --country DE --contact-given-name Ada --contact-family-name Berg --contact-email ada@bakery.example"},
      {.group = "customer",
       .verb = "get",
       .method = "lmp.v1.CustomerService.GetCustomer",
       .positionals = {{"CUSTOMER", "name"}},
       .help = "Show one customer.",
       .example = "lmp customer get bakery"},
      {.group = "customer",
       .verb = "list",
       .method = "lmp.v1.CustomerService.ListCustomers",
       .positionals = {{.label = "TEXT", .field = "filter", .need = kOptional, .is_search = true}},
       .help = "List the customers, or those with TEXT in their name, city, external id or contact.",
       .example = "lmp customer list bonn"},
      {.group = "customer",
       .verb = "update",
       .method = "lmp.v1.CustomerService.UpdateCustomer",
       .positionals = {{"CUSTOMER", "customer.name"}},
       .body = "customer",
       .help = "Change the fields given; a list or map becomes just what is given, \"\" makes a field empty.",
       .example = "lmp customer update bakery --city Cologne --note \"\" --dry-run"},
      {.group = "customer",
       .verb = "batch-get",
       .method = "lmp.v1.CustomerService.BatchGetCustomers",
       .help = "Show several customers at once.",
       .example = "lmp customer batch-get --names bakery --names butcher"},
      {.group = "customer",
       .verb = "disable",
       .method = "lmp.v1.CustomerService.DisableCustomer",
       .positionals = {{"CUSTOMER", "name"}},
       .help = "Disable a customer: all its licenses are disabled at once.",
       .example = "lmp customer disable bakery"},
      {.group = "customer",
       .verb = "enable",
       .method = "lmp.v1.CustomerService.EnableCustomer",
       .positionals = {{"CUSTOMER", "name"}},
       .help = "Enable a customer again: its licenses are back with their original expirations.",
       .example = "lmp customer enable bakery"},
      {.group = "customer",
       .verb = "delete",
       .method = "lmp.v1.CustomerService.DeleteCustomer",
       .positionals = {{"CUSTOMER", "name"}},
       .help = "Delete a customer; it can be undeleted for 30 days.",
       .example = "lmp customer delete bakery --force --dry-run"},
      {.group = "customer",
       .verb = "undelete",
       .method = "lmp.v1.CustomerService.UndeleteCustomer",
       .positionals = {{"CUSTOMER", "name"}},
       .help = "Bring a deleted customer back.",
       .example = "lmp customer undelete bakery"},
  };
}

}  // namespace lmp::cli
