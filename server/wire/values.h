// Dates, times and sums as the messages have them: inline, as the client library has the answer of CheckLicense inside.
#ifndef LMP_SERVER_WIRE_VALUES_H_
#define LMP_SERVER_WIRE_VALUES_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "storage/model/row.h"

namespace lmp::wire {

inline void ToProto(model::Date date, google::type::Date* out) {
  out->set_year(static_cast<int32_t>(date.year()));
  out->set_month(date.month());
  out->set_day(date.day());
}

inline void ToProto(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

// A sum that may be more than its field can hold; the largest value that the field holds stands for anything beyond.
inline int32_t Capped(int64_t sum) {
  return static_cast<int32_t>(std::min<int64_t>(sum, std::numeric_limits<int32_t>::max()));
}

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_VALUES_H_
