#include "client/cli/output/field_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/output/json_text.h"
#include "client/cli/output/table.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/subscription.pb.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string MessageText(const Message& message) {
  if (const auto* date = google::protobuf::DynamicCastToGenerated<google::type::Date>(&message)) return DateText(*date);
  if (const auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&message)) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time->seconds()), absl::UTCTimeZone());
  }
  if (const auto* duration = google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(&message)) {
    return google::protobuf::util::TimeUtil::ToString(*duration);
  }
  return "";
}

// Text for fields whose own value would mislead because another field overrules it; empty for other fields.
std::string CombinedText(const Message& message, const FieldDescriptor& field) {
  if (const auto* customer = google::protobuf::DynamicCastToGenerated<v1::Customer>(&message)) {
    if (field.number() == v1::Customer::kStateFieldNumber && customer->has_delete_time()) return "DELETED";
  }
  if (const auto* subscription = google::protobuf::DynamicCastToGenerated<v1::Subscription>(&message)) {
    const bool is_over = subscription->state() != v1::Subscription::ACTIVE &&
                         subscription->state() != v1::Subscription::SUSPENDED &&
                         subscription->state() != v1::Subscription::STATE_UNSPECIFIED;
    if (field.number() == v1::Subscription::kAutoRenewalFieldNumber && is_over) return "no";
  }
  return "";
}

bool IsJson(const FieldDescriptor& field) {
  return field.full_name() == "lmp.v1.ExplainLicenseResponse.Explanation.value";
}

std::string SingularText(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.has_presence() && !reflection.HasField(message, &field)) return "";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = reflection.GetString(message, &field);
      return IsJson(field) ? JsonValueText(text) : Printable(text);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = reflection.GetEnum(message, &field);
      return value->number() == 0 ? "" : value->name();
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(reflection.GetMessage(message, &field));
    default:
      return "";
  }
}

// The last part of a name, which distinguishes it from others of its kind.
std::string LastPart(const std::string& name) { return name.substr(name.rfind('/') + 1); }

// An item of a list of messages: "cloud-app-security=25" for units of a product; otherwise its first field, which is
// usually a name.
std::string ItemText(const Message& item) {
  const google::protobuf::Descriptor& type = *item.GetDescriptor();
  const FieldDescriptor* product = type.FindFieldByName("product");
  const FieldDescriptor* units = type.FindFieldByName("units");
  if (product != nullptr && units != nullptr) {
    return absl::StrCat(LastPart(FieldText(item, *product)), "=", FieldText(item, *units));
  }
  return type.field_count() == 0 ? "" : FieldText(item, *type.field(0));
}

std::string RepeatedText(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<std::string> items;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (field.is_map()) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      items.push_back(absl::StrCat(FieldText(entry, *entry.GetDescriptor()->map_key()), "=",
                                   FieldText(entry, *entry.GetDescriptor()->map_value())));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      items.push_back(ItemText(reflection.GetRepeatedMessage(message, &field, i)));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      items.push_back(Printable(reflection.GetRepeatedString(message, &field, i)));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      items.push_back(reflection.GetRepeatedEnum(message, &field, i)->name());
    }
  }
  if (field.is_map()) std::sort(items.begin(), items.end());  // protobuf's own order changes from run to run
  return absl::StrJoin(items, ", ");
}

}  // namespace

std::string FieldText(const Message& message, const FieldDescriptor& field) {
  if (std::string combined = CombinedText(message, field); !combined.empty()) return combined;
  return field.is_repeated() ? RepeatedText(message, field) : SingularText(message, field);
}

std::string PathText(const Message& message, absl::string_view path) {
  const std::vector<std::string> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const FieldDescriptor& field = *message.GetDescriptor()->FindFieldByName(parts.front());
  if (parts.size() == 1) return FieldText(message, field);
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    return reflection.HasField(message, &field) ? PathText(reflection.GetMessage(message, &field), parts.back()) : "";
  }
  std::vector<std::string> items;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    items.push_back(PathText(reflection.GetRepeatedMessage(message, &field, i), parts.back()));
  }
  return absl::StrJoin(items, ", ");
}

bool HasPath(const google::protobuf::Descriptor& type, absl::string_view path) {
  const google::protobuf::Descriptor* owner = &type;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    const FieldDescriptor* field = owner == nullptr ? nullptr : owner->FindFieldByName(name);
    if (field == nullptr || (owner != &type && field->is_map())) return false;
    owner = field->is_map() ? nullptr : field->message_type();
  }
  return true;
}

}  // namespace lmp::cli
