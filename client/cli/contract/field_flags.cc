#include "client/cli/contract/field_flags.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/cli/contract/annotations.h"
#include "client/cli/contract/contract.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/contract/number.h"
#include "client/cli/status_macros.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fields that have a flag or argument of their own, or that the tool sets itself.
constexpr std::array<absl::string_view, 7> kNotFlags = {"name",       "etag",          "update_mask",  "page_token",
                                                        "request_id", "validate_only", "preview_token"};

bool IsFlag(const FieldDescriptor& field) {
  return std::find(kNotFlags.begin(), kNotFlags.end(), field.name()) == kNotFlags.end() && !IsOutputOnly(field);
}

bool IsNested(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated() &&
         !IsValue(*field.message_type());
}

// True for a list of messages with two fields each, like the units of products, which is written FIRST=SECOND. Other
// fields of such messages (dates and the like) can't be given this way, and need not be.
bool IsListOfPairs(const FieldDescriptor& field) {
  if (!field.is_repeated() || field.is_map() || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return false;
  int plain = 0;
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    if (field.message_type()->field(i)->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) ++plain;
  }
  return plain == 2;
}

// Other lists of messages get no flag.
bool IsSettable(const FieldDescriptor& field) {
  return field.is_map() || !field.is_repeated() || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM || IsListOfPairs(field);
}

std::string UpperCase(const FieldDescriptor& field) { return absl::AsciiStrToUpper(field.name()); }

std::string EnumChoices(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return absl::StrJoin(names, ", ");
}

absl::Status Malformed(const FieldFlag& flag, absl::string_view value, absl::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag.name, " ", value, ": ", wanted));
}

// A name may be given in its short form; this completes it.
std::string Completed(const FieldDescriptor& field, const std::string& value) {
  const absl::string_view pattern = NamePattern(field);
  return pattern.empty() || value == "-" ? value : client::FullName(pattern, value);
}

// Of a list, one more.
absl::Status SetEnum(const FieldFlag& flag, const std::string& value, Message& owner) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper(value), {{"-", "_"}});
  const google::protobuf::EnumValueDescriptor* choice = flag.field().enum_type()->FindValueByName(name);
  if (choice == nullptr || choice->number() == 0) {
    return Malformed(flag, value, absl::StrCat("must be one of ", EnumChoices(*flag.field().enum_type())));
  }
  if (flag.field().is_repeated()) {
    owner.GetReflection()->AddEnum(&owner, &flag.field(), choice);
  } else {
    owner.GetReflection()->SetEnum(&owner, &flag.field(), choice);
  }
  return absl::OkStatus();
}

absl::Status SetSingular(const FieldFlag& flag, const std::string& value, Message& owner) {
  const FieldDescriptor* field = &flag.field();
  const Reflection& reflection = *owner.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(&owner, field, Completed(*field, value));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(flag, value, owner);
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool on = false;
      if (!absl::SimpleAtob(value, &on)) return Malformed(flag, value, "must be true or false");
      reflection.SetBool(&owner, field, on);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const absl::StatusOr<int32_t> number = ParseNumber(value);
      if (!number.ok()) return Malformed(flag, value, number.status().message());
      reflection.SetInt32(&owner, field, *number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const absl::StatusOr<int64_t> number = ParseLongNumber(value);
      if (!number.ok()) return Malformed(flag, value, number.status().message());
      reflection.SetInt64(&owner, field, *number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const absl::Status status = ParseValue(*field, value, *reflection.MutableMessage(&owner, field));
      return status.ok() ? status : Malformed(flag, value, status.message());
    }
    default:
      return Malformed(flag, value, "can't be set by a flag");
  }
}

// Sets one "FIRST=SECOND" of a list of pairs. An error about a number quotes the whole pair.
absl::Status SetPair(const FieldFlag& flag, const std::string& value, const std::pair<std::string, std::string>& entry,
                     Message& pair) {
  const Descriptor& type = *pair.GetDescriptor();
  RETURN_IF_ERROR(SetSingular({.name = flag.name, .path = flag.path, .fields = {type.field(0)}}, entry.first, pair));
  if (type.field(1)->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    if (const auto number = ParseNumber(entry.second); !number.ok()) {
      return Malformed(flag, value, number.status().message());
    }
  }
  return SetSingular({.name = flag.name, .path = flag.path, .fields = {type.field(1)}}, entry.second, pair);
}

absl::Status SetRepeated(const FieldFlag& flag, const std::vector<std::string>& values, Message& owner) {
  const FieldDescriptor* field = &flag.field();
  const Reflection& reflection = *owner.GetReflection();
  reflection.ClearField(&owner, field);
  if (values == std::vector<std::string>{""}) return absl::OkStatus();
  for (const std::string& value : values) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.AddString(&owner, field, Completed(*field, value));
      continue;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      RETURN_IF_ERROR(SetEnum(flag, value, owner));
      continue;
    }
    const std::pair<std::string, std::string> entry = absl::StrSplit(value, absl::MaxSplits('=', 1));
    if (!absl::StrContains(value, '=')) return Malformed(flag, value, absl::StrCat("must be ", flag.ValueName()));
    if (!field->is_map()) {
      RETURN_IF_ERROR(SetPair(flag, value, entry, *reflection.AddMessage(&owner, field)));
      continue;
    }
    Message* added = reflection.AddMessage(&owner, field);
    added->GetReflection()->SetString(added, field->message_type()->map_key(), entry.first);
    added->GetReflection()->SetString(added, field->message_type()->map_value(), entry.second);
  }
  return absl::OkStatus();
}

void AddFlags(const Descriptor& type, const std::vector<std::string>& skipped, const FieldFlag& outer,
              std::vector<FieldFlag>& flags) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    FieldFlag flag = outer;
    flag.name += absl::StrReplaceAll(field.name(), {{"_", "-"}});
    flag.path += field.name();
    flag.fields.push_back(&field);
    if (!IsFlag(field) || std::find(skipped.begin(), skipped.end(), flag.path) != skipped.end()) continue;
    if (IsNested(field)) {
      flag.name += "-";
      flag.path += ".";
      AddFlags(*field.message_type(), skipped, flag, flags);
    } else if (IsSettable(field)) {
      flags.push_back(std::move(flag));
    }
  }
}

// A flag with the same meaning gets the same name, whatever message the field is in.
void Shorten(FieldFlag& flag) {
  constexpr std::array<std::pair<absl::string_view, absl::string_view>, 7> kNames = {{
      {"roles", "role"},
      {"align-expiration-date", "align-date"},
      {"start-date", "start"},
      {"subscription-auto-renewal", "auto-renewal"},
      {"subscription-expiration-date", "expiration-date"},
      {"subscription-expiration-notice-days", "expiration-notice-days"},
      {"subscription-renewal-term-months", "renewal-term-months"},
  }};
  for (const auto& [whole, name] : kNames) {
    if (flag.name == whole) flag.other_name = std::exchange(flag.name, std::string(name));
  }
}

}  // namespace

bool FieldFlag::is_bool() const { return field().cpp_type() == FieldDescriptor::CPPTYPE_BOOL; }

std::string FieldFlag::ValueName() const {
  if (field().is_map()) return "KEY=VALUE";
  if (IsListOfPairs(field())) {
    if (field().message_type()->full_name() == "lmp.v1.LicenseUnits") return "PRODUCT=N|N";
    return absl::StrCat(UpperCase(*field().message_type()->field(0)), "=",
                        UpperCase(*field().message_type()->field(1)));
  }
  const FieldDescriptor::CppType type = field().cpp_type();
  if (type == FieldDescriptor::CPPTYPE_INT32 || type == FieldDescriptor::CPPTYPE_INT64) return "N";
  if (field().cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return field().enum_type()->name();
  return field().cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? ValueTypeName(field()) : "TEXT";
}

std::string FieldFlag::Help() const {
  std::string help = FieldComment(field());
  if (is_of_update) help = absl::StrReplaceAll(help, {{" Required.", ""}, {"Required.", ""}});
  if (field().cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    absl::StrAppend(&help, help.empty() ? "" : " ", "One of ", EnumChoices(*field().enum_type()), ".");
  }
  if (field().is_repeated()) absl::StrAppend(&help, " Repeatable.");
  return help;
}

std::vector<FieldFlag> FieldFlags(const Descriptor& type, const std::vector<std::string>& skipped) {
  std::vector<FieldFlag> flags;
  AddFlags(type, skipped, FieldFlag{}, flags);
  for (FieldFlag& flag : flags) Shorten(flag);
  return flags;
}

FieldFlag FlagForPath(const Descriptor& type, absl::string_view path) {
  FieldFlag flag{.name = absl::StrReplaceAll(path, {{"_", "-"}, {".", "-"}}), .path = std::string(path), .fields = {}};
  const Descriptor* owner = &type;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    flag.fields.push_back(owner->FindFieldByName(name));
    owner = flag.fields.back()->message_type();
  }
  return flag;
}

absl::Status SetField(const FieldFlag& flag, const std::vector<std::string>& values, Message& message) {
  Message* owner = &message;
  for (auto field = flag.fields.begin(); field != flag.fields.end() - 1; ++field) {
    owner = owner->GetReflection()->MutableMessage(owner, *field);
  }
  if (flag.field().is_repeated()) return SetRepeated(flag, values, *owner);
  if (values.size() > 1) return absl::InvalidArgumentError(absl::StrCat("--", flag.name, " is given more than once"));
  return SetSingular(flag, values.front(), *owner);
}

}  // namespace lmp::cli
