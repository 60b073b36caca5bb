#ifndef LMP_CLIENT_CLI_CONTRACT_COMMANDS_H_
#define LMP_CLIENT_CLI_CONTRACT_COMMANDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/contract/field_flags.h"
#include "google/protobuf/descriptor.h"

namespace lmp::cli {

// An argument without a flag; arguments come in the order of the command's table entry.
struct Positional {
  // Like "CUSTOMER".
  absl::string_view label;
  // The path of the request's field that it sets. A short name is completed as the protos say for the field. If the
  // field takes no names, it gets a bare id, the last part of a name.
  absl::string_view field;
  enum { kRequired, kOptional } need = kRequired;
  // The value of the field if the argument is not given.
  absl::string_view fallback = "";
  // The argument is a text to search for, and the field is a filter.
  bool is_search = false;
};

// `lmp GROUP VERB`: one RPC, whose request is made from arguments and flags. For a new RPC only an entry is added.
struct Command {
  absl::string_view group;
  absl::string_view verb;
  // Like "lmp.v1.CustomerService.CreateCustomer".
  absl::string_view method;
  std::vector<Positional> positionals;
  // The request's field whose own fields become flags; empty: the fields of the request do.
  absl::string_view body;
  absl::string_view help;
  absl::string_view example;

  const google::protobuf::MethodDescriptor& descriptor() const;
  std::vector<FieldFlag> Flags() const;
};

struct Group {
  absl::string_view name;
  absl::string_view help;
};

const std::vector<Group>& Groups();
const std::vector<Command>& Commands();
// The parts of the table, one for each noun; each is in a file of its own.
std::vector<Command> PartnerCommands();
std::vector<Command> CustomerCommands();
std::vector<Command> CatalogCommands();
std::vector<Command> SubscriptionCommands();
std::vector<Command> LicenseCommands();
std::vector<Command> CallerCommands();

// The field with the items if the message is nothing but a list of them, with or without pages; otherwise null.
const google::protobuf::FieldDescriptor* ListedItems(const google::protobuf::Descriptor& response);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_COMMANDS_H_
