// What happened to a made-up customer: purchase by purchase, as events with their images and as the rows that are left.
#ifndef LMP_TESTS_BENCHMARKS_FILL_BIOGRAPHY_H_
#define LMP_TESTS_BENCHMARKS_FILL_BIOGRAPHY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "storage/model/event.h"
#include "storage/model/row.h"
#include "storage/rows/images.h"
#include "tests/benchmarks/fill/chance.h"
#include "tests/benchmarks/fill/population.h"

namespace lmp::bench {

// What happened to rows, as events; the header says when and by whom.
class Chronicle {
 public:
  Chronicle(std::vector<model::Event>& events, Chance& chance) : events_(events), chance_(chance) {}

  void Begin(absl::Time time, const char* kind, std::optional<model::Date> effective_date = std::nullopt) {
    header_ = {.event_time = absl::FromUnixMicros(absl::ToUnixMicros(time)),
               .actor = effective_date.has_value() ? "system" : "local-admin",
               .request_id = effective_date.has_value() ? std::string() : Uuid(chance_),
               .kind = kind,
               .effective_date = effective_date};
  }
  // The row as it is from now on; `image` is its last one.
  template <class Row>
  void Note(Row& row, std::string& image) {
    if (image.empty()) row.stamp.create_time = header_.event_time;
    row.stamp.update_time = header_.event_time;
    ++row.stamp.revision;
    model::Event& event = events_.emplace_back(header_);
    const model::RowKey key = KeyOf(row);
    event.row_table = std::string(Row::kTable);
    event.key1 = key.first;
    event.key2 = key.second;
    event.revision = row.stamp.revision;
    if (!image.empty()) event.before = image;
    image = storage::ImageOf(row);
    event.after = image;
  }
  template <class Row>
  void Note(Row& row) {
    std::string image;
    Note(row, image);
  }

 private:
  std::vector<model::Event>& events_;
  Chance& chance_;
  model::Event header_;
};

enum class Fate { kRenews, kRunsOut, kGrace, kEnded, kSuspended, kCanceled, kPending };

// What becomes a subscription.
struct Purchase {
  Fate fate;
  std::string product;  // of the plan
  std::vector<std::string> components;
  bool software;
  int term;
  absl::Time time;
};

// What a customer buys until it has so many licenses, in order of time; at most one that is not over of a service.
std::vector<Purchase> Purchases(int licenses, model::Date today, Chance& chance);

// Adds all that came of these by `now`: rows, and events purchase by purchase.
void Live(const std::vector<Purchase>& purchases, absl::Time now, Chance& chance, Member& member);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_BIOGRAPHY_H_
