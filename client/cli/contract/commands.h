#ifndef LMP_CLIENT_CLI_CONTRACT_COMMANDS_H_
#define LMP_CLIENT_CLI_CONTRACT_COMMANDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/contract/field_flags.h"
#include "google/protobuf/descriptor.h"

namespace lmp::cli {

// An argument without a flag, in the order of the command's table entry.
struct Positional {
  // "CUSTOMER".
  absl::string_view label;
  // Path of the request's field that it sets. What the protos say of the field completes a short name; if it takes no
  // names, it gets a bare id, the last part of one.
  absl::string_view field;
  enum { kRequired, kOptional } need = kRequired;
  // What the field gets if the argument is not given.
  absl::string_view fallback = "";
  // The argument is a text to look for, and the field a filter.
  bool is_search = false;
};

// `lmp GROUP VERB`: one RPC, its request made of arguments and flags. A new RPC is a new entry, and nothing else.
struct Command {
  absl::string_view group;
  absl::string_view verb;
  // "lmp.v1.CustomerService.CreateCustomer".
  absl::string_view method;
  std::vector<Positional> positionals;
  // The request's field whose own fields are the flags; empty: the request's.
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
// Its parts, by noun: each in its own file.
std::vector<Command> PartnerCommands();
std::vector<Command> CustomerCommands();
std::vector<Command> CatalogCommands();
std::vector<Command> SubscriptionCommands();
std::vector<Command> LicenseCommands();

// The field with the items if a message is nothing but a list of them, with or without pages; else null.
const google::protobuf::FieldDescriptor* ListedItems(const google::protobuf::Descriptor& response);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_COMMANDS_H_
