#include "client/cli/field_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/cli/status_macros.h"
#include "client/cli/table.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string TimestampText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

std::string MessageText(const Message& message) {
  if (const auto* date = google::protobuf::DynamicCastToGenerated<google::type::Date>(&message)) return DateText(*date);
  if (const auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&message)) {
    return TimestampText(*time);
  }
  return "";
}

std::string SingularText(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return reflection.GetBool(message, &field) ? "yes" : "no";
  if (!reflection.HasField(message, &field)) return "";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Printable(reflection.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, &field)->name();
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

std::string RepeatedText(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  std::vector<std::string> items;
  for (int i = 0; i < size; ++i) {
    if (field.is_map()) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      items.push_back(absl::StrCat(SingularText(entry, *entry.GetDescriptor()->map_key()), "=",
                                   SingularText(entry, *entry.GetDescriptor()->map_value())));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      items.push_back(Printable(reflection.GetRepeatedString(message, &field, i)));
    }
  }
  return items.empty() && size > 0 ? absl::StrCat(size) : absl::StrJoin(items, ", ");
}

// {"year": 2026, "month": 11, "day": 24}, the JSON of google.type.Date, is a struct as any other: known by its fields.
std::string StructText(const google::protobuf::Struct& object, const std::string& json) {
  google::type::Date date;
  const bool is_date = object.fields().contains("year") && object.fields().contains("day") &&
                       google::protobuf::util::JsonStringToMessage(json, &date).ok();
  return is_date ? DateText(date) : Printable(json);
}

}  // namespace

bool IsValue(const google::protobuf::Descriptor& type) {
  return !ValueTypeName(type).empty();
}

std::string ValueTypeName(const google::protobuf::Descriptor& type) {
  if (type.full_name() == "google.type.Date") return "DATE";
  if (type.full_name() == "google.protobuf.Timestamp") return "TIME";
  if (type.full_name() == "google.protobuf.FieldMask") return "FIELDS";
  if (type.full_name() == "google.protobuf.Duration") return "DURATION";
  return "";
}

absl::Status ParseValue(const std::string& text, Message& value) {
  if (auto* mask = google::protobuf::DynamicCastToGenerated<google::protobuf::FieldMask>(&value)) {
    google::protobuf::util::FieldMaskUtil::FromString(text, mask);
    return absl::OkStatus();
  }
  if (auto* duration = google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(&value)) {
    absl::Duration parsed;
    if (!absl::ParseDuration(text, &parsed) || parsed == absl::InfiniteDuration()) {
      return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no duration: write it as 5s, 500ms or 2m"));
    }
    duration->set_seconds(absl::IDivDuration(parsed, absl::Seconds(1), &parsed));
    duration->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(parsed)));
    return absl::OkStatus();
  }
  const absl::StatusOr<google::type::Date> date = ParseDate(text);
  auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&value);
  if (time == nullptr) {
    RETURN_IF_ERROR(date.status());
    value.CopyFrom(*date);
    return absl::OkStatus();
  }
  if (google::protobuf::util::TimeUtil::FromString(date.ok() ? text + "T00:00:00Z" : text, time)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no instant: write it as 2026-11-24T05:16:00Z or 2026-11-24"));
}

std::string FieldText(const Message& message, const FieldDescriptor& field) {
  return field.is_repeated() ? RepeatedText(message, field) : SingularText(message, field);
}

std::string PathText(const Message& message, absl::string_view path) {
  const Message* owner = &message;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    owner = &owner->GetReflection()->GetMessage(*owner, owner->GetDescriptor()->FindFieldByName(names[i]));
  }
  return FieldText(*owner, *owner->GetDescriptor()->FindFieldByName(names.back()));
}

std::string DateText(const google::type::Date& date) {
  if (date.year() == 0 && date.month() == 0 && date.day() == 0) return "";
  if (date.day() == 0) return absl::StrFormat("%04d-%02d", date.year(), date.month());  // a month
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

absl::StatusOr<google::type::Date> ParseDate(absl::string_view text) {
  absl::CivilDay day;
  google::type::Date date;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day) && day.year() > 0) {
    date.set_year(static_cast<int>(day.year()));
    date.set_month(day.month());
    date.set_day(day.day());
  } else if (absl::CivilMonth month; text.size() == 7 && absl::ParseCivilTime(text, &month) && month.year() > 0) {
    date.set_year(static_cast<int>(month.year()));
    date.set_month(month.month());
  }
  if (DateText(date) == text && !text.empty()) return date;  // Abseil would read 2026-02-30 as 2 March
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no date: write it as 2026-11-24"));
}

std::string JsonValueText(const std::string& json) {
  google::protobuf::Value value;
  if (json.empty() || !google::protobuf::util::JsonStringToMessage(json, &value).ok()) return Printable(json);
  if (value.has_string_value()) return Printable(value.string_value());
  if (value.has_struct_value()) return StructText(value.struct_value(), json);
  if (value.has_bool_value()) return value.bool_value() ? "yes" : "no";
  return Printable(json);
}

}  // namespace lmp::cli
