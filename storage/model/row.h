// What all nouns have in common. A noun is a plain struct with
//   kTable        the name of its table
//   kKeyColumns   how many of its first fields are the primary key (1 or 2)
//   Visit(row, v) calls v("column", row.field) for every field, in column order
//   kMark         optional: the column that is its mark, which the engine sets and which is no part of its history
//   kPersonal     optional: the columns that tell of people (personal.h)
// The SQL columns, the images in events, the diffs and the updates by field all come from this one list. Field types
// are std::string, bool, int, Date, absl::Time, enums with EnumNames, std::optional of these (NULL), and
// std::vector<std::string> and StringMap (JSON in the database).
#ifndef LMP_STORAGE_MODEL_ROW_H_
#define LMP_STORAGE_MODEL_ROW_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "storage/model/enum_names.h"

namespace lmp::model {

using Date = absl::CivilDay;  // a civil day in UTC
using StringMap = std::map<std::string, std::string>;

// Bookkeeping that every noun has. The engine sets it; decisions never do.
struct Stamp {
  int revision = 0;  // counts changes; the etag comes from it
  absl::Time create_time;
  absl::Time update_time;
  bool operator==(const Stamp&) const = default;
};

template <class Stamped, class Visitor>
void VisitStamp(Stamped& row, Visitor&& visit) {
  visit("revision", row.stamp.revision);
  visit("create_time", row.stamp.create_time);
  visit("update_time", row.stamp.update_time);
}

// The primary key of any noun; the second part is empty if the key has one column.
using RowKey = std::pair<std::string, std::string>;

template <class Row>
RowKey KeyOf(const Row& row) {
  RowKey key;
  int column = 0;
  Row::Visit(row, [&](absl::string_view, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
      if (column == 0) key.first = value;
      if (column == 1 && Row::kKeyColumns == 2) key.second = value;
    }
    ++column;
  });
  return key;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_ROW_H_
