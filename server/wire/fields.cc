#include "server/wire/fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/domain/text.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

using google::protobuf::FieldDescriptor;

// Length of the valid UTF-8 character at the front; 0 if there is none (overlong, surrogate, beyond U+10FFFF, cut).
size_t Utf8Length(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                        : (first & 0xF0) == 0xE0         ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

namespace {

void FindInvalidUtf8(const google::protobuf::Descriptor& type, const std::string& bytes, const std::string& prefix,
                     std::vector<std::string>& found) {
  google::protobuf::UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) return;
  std::map<int, int> seen;  // of repeated fields: how many were seen, by field number
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& field = fields.field(i);
    const FieldDescriptor* descriptor = type.FindFieldByNumber(field.number());
    if (descriptor == nullptr || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) continue;
    std::string path = prefix + descriptor->name();
    if (descriptor->is_repeated()) absl::StrAppend(&path, "[", seen[field.number()]++, "]");
    if (descriptor->type() == FieldDescriptor::TYPE_STRING && !IsUtf8(field.length_delimited())) found.push_back(path);
    if (descriptor->type() == FieldDescriptor::TYPE_MESSAGE) {
      FindInvalidUtf8(*descriptor->message_type(), field.length_delimited(), path + ".", found);
    }
  }
}

// The field at a dotted path, or null; `set` tells whether it is set in `message`.
const FieldDescriptor* FindPath(const google::protobuf::Message& message, absl::string_view path, bool& set) {
  const google::protobuf::Message* at = &message;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    if (field != nullptr) {
      if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return nullptr;
      at = &at->GetReflection()->GetMessage(*at, field);
    }
    field = at->GetDescriptor()->FindFieldByName(std::string(part));
    if (field == nullptr) return nullptr;
  }
  set =
      field->is_repeated() ? at->GetReflection()->FieldSize(*at, field) > 0 : at->GetReflection()->HasField(*at, field);
  return field;
}

std::string ColumnOf(absl::string_view path) { return absl::StrReplaceAll(path, {{".", "_"}}); }

}  // namespace

void Fields::Fail(absl::string_view field, absl::string_view description) {
  if (violations_.size() == domain::kMaxViolations) {
    ++more_;
  } else {
    violations_.push_back({std::string(field), std::string(description)});
  }
}

void Fields::Fail(std::vector<domain::FieldViolation> violations, absl::string_view prefix) {
  for (const domain::FieldViolation& violation : violations) {
    // A malformed name is not reported as missing, too.
    const std::string field = absl::StrCat(prefix, violation.field);
    const auto known = std::find_if(violations_.begin(), violations_.end(),
                                    [&](const domain::FieldViolation& other) { return other.field == field; });
    if (known == violations_.end()) Fail(field, violation.description);
  }
}

std::string Fields::Name(absl::string_view field, const std::string& value, absl::string_view collection) {
  const std::vector<absl::string_view> parts = absl::StrSplit(value, '/');
  if (parts.size() == 2 && parts[0] == collection && domain::IsId(parts[1])) return std::string(parts[1]);
  Fail(field, value.empty() ? "is required" : absl::StrCat("must be a name like \"", collection, "/…\""));
  return "";
}

std::string Fields::OptionalName(absl::string_view field, const std::string& value, absl::string_view collection) {
  return value.empty() ? "" : Name(field, value, collection);
}

model::RowKey Fields::ChildName(absl::string_view field, const std::string& value, absl::string_view collection,
                                absl::string_view child_collection) {
  const std::vector<absl::string_view> parts = absl::StrSplit(value, '/');
  if (parts.size() == 4 && parts[0] == collection && domain::IsId(parts[1]) && parts[2] == child_collection &&
      domain::IsId(parts[3])) {
    return {std::string(parts[1]), std::string(parts[3])};
  }
  Fail(field, value.empty() ? "is required"
                            : absl::StrCat("must be a name like \"", collection, "/…/", child_collection, "/…\""));
  return {};
}

std::string Fields::ParentOrAll(absl::string_view field, const std::string& value, absl::string_view collection) {
  return value == absl::StrCat(collection, "/-") ? "" : Name(field, value, collection);
}

model::RowKey Fields::ChildOrAll(absl::string_view field, const std::string& value, absl::string_view collection,
                                 absl::string_view child_collection) {
  if (!absl::EndsWith(value, absl::StrCat("/", child_collection, "/-"))) {
    return ChildName(field, value, collection, child_collection);
  }
  return {ParentOrAll(field, value.substr(0, value.size() - child_collection.size() - 3), collection), ""};
}

void Fields::ChosenId(absl::string_view field, const std::string& value) {
  if (value.empty()) return;
  const bool valid = value.size() >= 4 && domain::IsId(value) &&
                     absl::ascii_islower(static_cast<unsigned char>(value.front())) && value.back() != '-';
  if (!valid) Fail(field, "must have 4 to 63 of a-z, 0-9 and \"-\", begin with a letter and not end with \"-\"");
}

absl::Duration Fields::Duration(absl::string_view field, const google::protobuf::Duration& duration,
                                absl::Duration longest) {
  const bool is_one = duration.nanos() >= 0 && duration.nanos() < 1'000'000'000 && duration.seconds() >= 0;
  const absl::Duration value = absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  if (is_one && value <= longest) return value;
  Fail(field, absl::StrCat("must be 0s to ", absl::ToInt64Seconds(longest), "s"));
  return absl::ZeroDuration();
}

std::optional<absl::Time> Fields::Instant(absl::string_view field, const google::protobuf::Timestamp& time) {
  constexpr int64_t kYear1 = -62'135'596'800, kYear9999End = 253'402'300'799;
  if (time.nanos() < 0 || time.nanos() > 999'999'999 || time.seconds() < kYear1 || time.seconds() > kYear9999End) {
    Fail(field, "is not an instant of the years 1 to 9999");
    return std::nullopt;
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Microseconds(time.nanos() / 1000);
}

std::optional<model::Date> Fields::Date(absl::string_view field, const google::type::Date& date) {
  const model::Date day(date.year(), date.month(), date.day());
  if (date.year() < 1 || date.year() > 9999 || day.year() != date.year() || day.month() != date.month() ||
      day.day() != date.day()) {
    Fail(field, "is not a calendar day");
    return std::nullopt;
  }
  return day;
}

std::set<std::string> Fields::Mask(const google::protobuf::FieldMask& mask, const google::protobuf::Message& resource,
                                   const std::vector<absl::string_view>& updatable) {
  std::set<std::string> columns;
  bool set = false;
  if (mask.paths_size() == 0 || (mask.paths_size() == 1 && mask.paths(0) == "*")) {
    for (const absl::string_view path : updatable) {
      FindPath(resource, path, set);
      if (set || mask.paths_size() == 1) columns.insert(ColumnOf(path));
    }
    return columns;
  }
  for (const std::string& path : mask.paths()) {
    bool found = false;
    for (const absl::string_view field : updatable) {
      if (field == path || absl::StartsWith(field, path + ".")) {
        columns.insert(ColumnOf(field));
        found = true;
      }
    }
    if (found) continue;
    Fail("update_mask", FindPath(resource, path, set) == nullptr
                            ? absl::StrCat("names \"", path, "\", which is no field")
                            : absl::StrCat("names \"", path, "\", which can't be updated"));
  }
  return columns;
}

absl::StatusOr<std::string> ParseName(absl::string_view field, const std::string& value, absl::string_view collection) {
  Fields fields;
  std::string id = fields.Name(field, value, collection);
  RETURN_IF_ERROR(fields.status());
  return id;
}

absl::StatusOr<model::RowKey> ParseChildName(absl::string_view field, const std::string& value,
                                             absl::string_view collection, absl::string_view child_collection) {
  Fields fields;
  model::RowKey key = fields.ChildName(field, value, collection, child_collection);
  RETURN_IF_ERROR(fields.status());
  return key;
}

std::string FirstCharacters(absl::string_view text, size_t count) {
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    const bool first = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (first && seen++ == count) break;
  }
  return std::string(text.substr(0, end));
}

absl::Status BothInvalid(const absl::Status& one, const absl::Status& other) {
  if (one.ok()) return other;
  if (other.ok()) return one;
  domain::Refusal both = domain::RefusalOf(one);
  const domain::Refusal more = domain::RefusalOf(other);
  both.violations.insert(both.violations.end(), more.violations.begin(), more.violations.end());
  return domain::InvalidFields(std::move(both.violations), "", both.more_violations + more.more_violations);
}

std::vector<std::string> InvalidUtf8Fields(const google::protobuf::Descriptor& type, const std::string& bytes) {
  std::vector<std::string> found;
  FindInvalidUtf8(type, bytes, "", found);
  return found;
}

}  // namespace lmp::wire
