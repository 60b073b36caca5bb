#include "server/wire/filter/value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/wire/filter/lexer.h"

namespace lmp::wire {
namespace {

using google::protobuf::FieldDescriptor;
using Value = FilterNode::Value;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// True if `text` begins with a shape, in which every 0 stands for any digit.
bool HasShape(absl::string_view text, absl::string_view shape) {
  return text.size() >= shape.size() &&
         std::equal(shape.begin(), shape.end(), text.begin(), [](char wanted, char given) {
           return wanted == '0' ? IsDigit(given) : wanted == absl::ascii_toupper(static_cast<unsigned char>(given));
         });
}

// Reads YYYY-MM-DD; the day must exist, and be in year 0001 or later.
std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || !HasShape(text, "0000-00-00") || !absl::ParseCivilTime(text, &day) || day.year() < 1) {
    return std::nullopt;
  }
  return day;
}

// Reads an instant as in RFC 3339. absl alone accepts more: spaces, longer years, "infinite-future".
std::optional<absl::Time> ParseInstant(absl::string_view text) {
  if (const auto day = ParseDay(text); day.has_value()) return absl::FromCivil(*day, absl::UTCTimeZone());
  constexpr absl::string_view kShape = "0000-00-00T00:00:00";
  if (!HasShape(text, kShape) || !ParseDay(text.substr(0, 10)).has_value()) return std::nullopt;
  absl::string_view rest = text.substr(kShape.size());
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    if (rest.empty() || !IsDigit(rest[0])) return std::nullopt;
    while (!rest.empty() && IsDigit(rest[0])) rest.remove_prefix(1);
  }
  const bool zone =
      absl::EqualsIgnoreCase(rest, "Z") || (rest.size() == 6 && (HasShape(rest, "+00:00") || HasShape(rest, "-00:00")));
  absl::Time time;
  std::string error;
  if (!zone || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return std::nullopt;
  return time;
}

struct Range {
  int64_t least;
  int64_t most;
};

Range RangeOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {0, std::numeric_limits<uint32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {0, std::numeric_limits<int64_t>::max()};
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

absl::StatusOr<Value> Wrong(const FieldDescriptor& field, absl::string_view text, absl::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrCat(field.name(), " is ", wanted, ", not ", Shown(text)));
}

absl::StatusOr<Value> ParseInteger(const FieldDescriptor& field, absl::string_view text) {
  const absl::string_view digits = absl::StartsWith(text, "-") ? text.substr(1) : text;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit))
    return Wrong(field, text, "a whole number");
  const Range range = RangeOf(field);
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < range.least || value > range.most) {
    return Wrong(field, text, absl::StrCat("a whole number from ", range.least, " to ", range.most));
  }
  return value;
}

absl::StatusOr<Value> ParseEnum(const FieldDescriptor& field, absl::string_view text) {
  std::string names;
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  for (int i = 0; i < type.value_count(); ++i) {
    // UNSPECIFIED is no value that a field can have: it stands for unset, and ":*" asks for that.
    if (type.value(i)->number() == 0 && absl::EndsWith(type.value(i)->name(), "UNSPECIFIED")) continue;
    if (type.value(i)->name() == text) return Value(std::string(text));
    absl::StrAppend(&names, names.empty() ? "" : ", ", type.value(i)->name());
  }
  return Wrong(field, text, absl::StrCat("one of ", names));
}

}  // namespace

FilterType FilterTypeOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_STRING ? FilterType::kString : FilterType::kOther;
    case FieldDescriptor::CPPTYPE_BOOL:
      return FilterType::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return FilterType::kInteger;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return FilterType::kDouble;
    case FieldDescriptor::CPPTYPE_ENUM:
      return FilterType::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.type.Date") return FilterType::kDate;
      if (field.message_type()->full_name() == "google.protobuf.Timestamp") return FilterType::kTime;
      return FilterType::kMessage;
  }
  return FilterType::kOther;
}

absl::StatusOr<Value> ParseFilterValue(const FieldDescriptor& field, absl::string_view text) {
  switch (FilterTypeOf(field)) {
    case FilterType::kString:
      return Value(std::string(text));
    case FilterType::kBool:
      if (text != "true" && text != "false") return Wrong(field, text, "true or false");
      return Value(text == "true");
    case FilterType::kInteger:
      return ParseInteger(field, text);
    case FilterType::kDouble: {
      double value = 0;
      if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) return Wrong(field, text, "a number");
      return value;
    }
    case FilterType::kEnum:
      return ParseEnum(field, text);
    case FilterType::kDate: {
      const std::optional<absl::CivilDay> day = ParseDay(text);
      if (!day.has_value()) return Wrong(field, text, "a date (YYYY-MM-DD)");
      return *day;
    }
    case FilterType::kTime: {
      const std::optional<absl::Time> time = ParseInstant(text);
      if (!time.has_value()) return Wrong(field, text, "a time (2026-12-31T18:30:00Z) or date (YYYY-MM-DD)");
      return *time;
    }
    case FilterType::kMessage:
    case FilterType::kOther:
      break;
  }
  return absl::InvalidArgumentError(absl::StrCat(field.name(), " can't be compared with a value"));
}

std::string FieldNames(const google::protobuf::Descriptor& type) {
  std::string names;
  for (int i = 0; i < type.field_count(); ++i) absl::StrAppend(&names, i == 0 ? "" : ", ", type.field(i)->name());
  return names;
}

}  // namespace lmp::wire
