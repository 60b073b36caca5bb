#include "client/cli/since.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "client/cli/contract/number.h"
#include "client/cli/contract/search_filter.h"
#include "client/cli/session.h"
#include "google/protobuf/timestamp.pb.h"

namespace lmp::cli {
namespace {

// Zero: it is none.
absl::Duration UnitOf(char unit) {
  switch (unit) {
    case 'm':
      return absl::Minutes(1);
    case 'h':
      return absl::Hours(1);
    case 'd':
      return absl::Hours(24);
    case 'w':
      return absl::Hours(24 * 7);
    default:
      return absl::ZeroDuration();
  }
}

}  // namespace

absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now) {
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  if (text == "today") return absl::FromCivil(today, absl::UTCTimeZone());
  if (text == "yesterday") return absl::FromCivil(today - 1, absl::UTCTimeZone());
  absl::CivilDay day;
  if (absl::ParseCivilTime(text, &day)) return absl::FromCivil(day, absl::UTCTimeZone());
  absl::Time time;
  std::string why;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &why)) return time;
  if (!text.empty() && UnitOf(text.back()) != absl::ZeroDuration()) {
    const absl::StatusOr<int32_t> count = ParseNumber(text.substr(0, text.size() - 1));
    if (count.ok() && *count >= 0) return now - *count * UnitOf(text.back());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--since ", text,
                   ": write it as yesterday, today, 30m, 2h, 3d or 1w (so long ago), 2026-11-24, or "
                   "2026-11-24T05:16:00Z"));
}

absl::Status ApplySince(const Invocation& invocation, google::protobuf::Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  if (!invocation.since.empty()) {
    const absl::StatusOr<absl::Time> since = ParseSince(invocation.since, absl::Now());
    if (!since.ok()) return AsUsageError(since.status());
    auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(
        request.GetReflection()->MutableMessage(&request, type.FindFieldByName("start_time")));
    time->set_seconds(absl::ToUnixSeconds(*since));
    time->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(*since - absl::FromUnixSeconds(time->seconds()))));
  }
  if (invocation.actor.empty()) return absl::OkStatus();
  const google::protobuf::FieldDescriptor* filter = type.FindFieldByName("filter");
  const std::string quoted = absl::StrReplaceAll(invocation.actor, {{"\\", "\\\\"}, {"\"", "\\\""}, {"*", "\\*"}});
  request.GetReflection()->SetString(
      &request, filter,
      BothFilters(request.GetReflection()->GetString(request, filter), absl::StrCat("actor = \"", quoted, "\"")));
  return absl::OkStatus();
}

}  // namespace lmp::cli
