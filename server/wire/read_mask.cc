#include "server/wire/read_mask.h"

#include <google/protobuf/descriptor.h>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field with the resources of a response that has many; null if the response is itself a resource.
const FieldDescriptor* ItemsOf(const Descriptor& response) {
  const FieldDescriptor* first = response.field(0);
  const bool many =
      absl::EndsWith(response.name(), "Response") && first->is_repeated() && first->message_type() != nullptr;
  return many ? first : nullptr;
}

}  // namespace

const Descriptor& ResourceOf(const Descriptor& response) {
  const FieldDescriptor* items = ItemsOf(response);
  return items != nullptr ? *items->message_type() : response;
}

bool ReadMask::Add(const Descriptor& type, absl::string_view path) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const bool is_leaf = parts.first.size() == path.size();
  const FieldDescriptor* field = type.FindFieldByName(std::string(parts.first));
  if (field == nullptr) return false;
  const Descriptor* inside = field->is_map() ? nullptr : field->message_type();
  if (!is_leaf && inside == nullptr) return false;
  const auto [known, is_new] = fields_.try_emplace(field);
  if (is_leaf) {
    known->second = ReadMask();
    return true;
  }
  if (!is_new && known->second.everything())
    return ReadMask().Add(*inside, parts.second);  // the whole field is kept already; only check the path
  return known->second.Add(*inside, parts.second);
}

void ReadMask::Apply(Message* response) const {
  if (everything()) return;
  const FieldDescriptor* items = ItemsOf(*response->GetDescriptor());
  if (items == nullptr) return Trim(response);
  const auto* reflection = response->GetReflection();
  for (int i = 0; i < reflection->FieldSize(*response, items); ++i) {
    Trim(reflection->MutableRepeatedMessage(response, items, i));
  }
}

void ReadMask::Trim(Message* message) const {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection->ListFields(*message, &set);
  for (const FieldDescriptor* field : set) {
    const auto wanted = fields_.find(field);
    if (wanted == fields_.end()) {
      reflection->ClearField(message, field);
    } else if (wanted->second.everything()) {
      continue;
    } else if (!field->is_repeated()) {
      wanted->second.Trim(reflection->MutableMessage(message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        wanted->second.Trim(reflection->MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

}  // namespace lmp::wire
