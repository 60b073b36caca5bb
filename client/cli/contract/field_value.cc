#include "client/cli/contract/field_value.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/cli/status_macros.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/time_util.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// True for the only date field that holds a month: its day is 0.
bool IsMonth(const FieldDescriptor& field) { return field.full_name() == "lmp.v1.GetUsageReportRequest.month"; }

std::string TypeName(const google::protobuf::Descriptor& type) {
  if (type.full_name() == "google.type.Date") return "DATE";
  if (type.full_name() == "google.protobuf.Timestamp") return "TIME";
  if (type.full_name() == "google.protobuf.FieldMask") return "FIELDS";
  if (type.full_name() == "google.protobuf.Duration") return "DURATION";
  return "";
}

absl::Status Wrong(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", what));
}

absl::Status SetDate(const absl::StatusOr<google::type::Date>& date, Message& value) {
  RETURN_IF_ERROR(date.status());
  value.CopyFrom(*date);
  return absl::OkStatus();
}

absl::Status SetDuration(const std::string& text, google::protobuf::Duration& duration) {
  absl::Duration parsed;
  if (!absl::ParseDuration(text, &parsed) || parsed == absl::InfiniteDuration()) {
    return Wrong(text, "a duration: write it as 5s, 500ms or 2m");
  }
  duration.set_seconds(absl::IDivDuration(parsed, absl::Seconds(1), &parsed));
  duration.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(parsed)));
  return absl::OkStatus();
}

absl::Status SetTime(const std::string& text, google::protobuf::Timestamp& time) {
  const std::string instant = ParseDate(text).ok() ? text + "T00:00:00Z" : text;
  if (google::protobuf::util::TimeUtil::FromString(instant, &time)) return absl::OkStatus();
  return Wrong(text, "an instant: write it as 2026-11-24T05:16:00Z or 2026-11-24");
}

}  // namespace

bool IsValue(const google::protobuf::Descriptor& type) { return !TypeName(type).empty(); }

std::string ValueTypeName(const FieldDescriptor& field) {
  return IsMonth(field) ? "MONTH" : TypeName(*field.message_type());
}

absl::Status ParseValue(const FieldDescriptor& field, const std::string& text, Message& value) {
  if (auto* mask = google::protobuf::DynamicCastToGenerated<google::protobuf::FieldMask>(&value)) {
    google::protobuf::util::FieldMaskUtil::FromString(text, mask);
    return absl::OkStatus();
  }
  if (auto* duration = google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(&value)) {
    return SetDuration(text, *duration);
  }
  if (auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&value)) {
    return SetTime(text, *time);
  }
  return SetDate(IsMonth(field) ? ParseMonth(text) : ParseDate(text), value);
}

std::string DateText(const google::type::Date& date) {
  if (date.year() == 0 && date.month() == 0 && date.day() == 0) return "";
  if (date.day() == 0) return absl::StrFormat("%04d-%02d", date.year(), date.month());
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

absl::StatusOr<google::type::Date> ParseDate(absl::string_view text) {
  absl::CivilDay day;
  google::type::Date date;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day) && day.year() > 0) {
    date.set_year(static_cast<int>(day.year()));
    date.set_month(day.month());
    date.set_day(day.day());
  }
  if (DateText(date) == text && !text.empty()) return date;  // Abseil would read 2026-02-30 as 2 March
  return Wrong(text, "a day: write it as 2026-11-24");
}

absl::StatusOr<google::type::Date> ParseMonth(absl::string_view text) {
  absl::CivilMonth month;
  google::type::Date date;
  if (text.size() == 7 && absl::ParseCivilTime(text, &month) && month.year() > 0) {
    date.set_year(static_cast<int>(month.year()));
    date.set_month(month.month());
  }
  if (DateText(date) == text && !text.empty()) return date;
  return Wrong(text, "a month: write it as 2026-11");
}

}  // namespace lmp::cli
