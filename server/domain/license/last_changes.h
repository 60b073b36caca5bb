// What a row's history has to keep to explain the row: of each column the last change. However often a row was changed,
// that is no more than one change a column.
#ifndef LMP_SERVER_DOMAIN_LICENSE_LAST_CHANGES_H_
#define LMP_SERVER_DOMAIN_LICENSE_LAST_CHANGES_H_

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "storage/model/event.h"

namespace lmp::domain {

// One change of a row: its event, with the row's images before and after already read.
template <class Row>
struct Recorded {
  model::Event event;  // event_id is 0 if time made the change and nobody has stored it yet
  std::optional<Row> before;
  Row after;
};

// Collects a row's changes, the newest first, and lets go of those that no column is as it is for.
template <class Row>
class LastChanges final {
 public:
  void AddOlder(Recorded<Row> change) {
    std::vector<const void*> before;
    if (change.before.has_value())
      Row::Visit(*change.before, [&](absl::string_view, const auto& value) { before.push_back(&value); });
    bool explains = false;
    size_t column = 0;
    Row::Visit(change.after, [&]<class T>(absl::string_view name, const T& value) {
      const bool set = before.empty() || !(*static_cast<const T*>(before[column]) == value);
      if (set && explained_.insert(name).second) explains = true;
      ++column;
    });
    if (explains) changes_.push_back(std::move(change));
  }

  std::vector<Recorded<Row>> TakeOldestFirst() {
    std::reverse(changes_.begin(), changes_.end());
    return std::move(changes_);
  }

 private:
  // Names are literals. Every change sets the stamp: it explains nothing.
  std::set<absl::string_view> explained_ = {"revision", "create_time", "update_time"};
  std::vector<Recorded<Row>> changes_;
};

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LAST_CHANGES_H_
