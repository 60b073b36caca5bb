#include "client/cli/contract/commands.h"

#include <string>
#include <utility>

#include "client/cli/contract/annotations.h"
#include "google/protobuf/descriptor.h"

namespace lmp::cli {
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
  // If the request has alternatives, they are the oneof to which the body belongs.
  const google::protobuf::OneofDescriptor* choice = request.FindFieldByName(std::string(body))->containing_oneof();
  for (int i = 0; choice != nullptr && i < choice->field_count(); ++i) taken.push_back(choice->field(i)->name());
  for (FieldFlag& flag : FieldFlags(request, taken)) flags.push_back(std::move(flag));
  if (verb != "update") return flags;
  std::erase_if(flags, [](const FieldFlag& flag) { return IsImmutable(flag.field()); });
  for (FieldFlag& flag : flags) flag.is_of_update = true;
  return flags;
}

const std::vector<Group>& Groups() {
  static const auto* const kGroups =
      new std::vector<Group>{{"partner", "Distributors, and the resellers and service providers below them."},
                             {"customer", "The companies that partners look after."},
                             {"product", "What vendors license: services, software, suites."},
                             {"plan", "Service plans: partners' offers on one product or suite."},
                             {"subscription", "Service plans that were assigned to customers."},
                             {"license", "Licenses: one product for one customer."},
                             {"pool", "License pools: units that a partner may hand out."},
                             {"key", "Registration keys: one-time keys that let a customer claim a plan."},
                             {"api-key", "API keys: by which programs call, with what they may."},
                             {"event", "History: who changed what, when, and what it was before."}};
  return *kGroups;
}

const std::vector<Command>& Commands() {
  static const auto* const kCommands = [] {
    auto* commands = new std::vector<Command>;
    for (auto* part :
         {PartnerCommands, CustomerCommands, CatalogCommands, SubscriptionCommands, LicenseCommands, CallerCommands}) {
      for (Command& command : part()) commands->push_back(std::move(command));
    }
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
