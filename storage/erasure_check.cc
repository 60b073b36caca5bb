#include "storage/erasure_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/erasure.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr absl::Duration kReplacingServers = absl::Hours(24);

}  // namespace

void ErasureCheck::Add(const model::Event& event) {
  if (event.transaction_end != transaction_) {
    cut_ = cut_ && transaction_ == 0;
    transaction_ = event.transaction_end;
    requests_.clear();
  }
  NoteRecord(event);
  // What is erased may say that it is an erasure: where only its leaf is left, it may say anything.
  if (event.erased.has_value()) return AddErased(event);
  if (event.kind != model::kCustomerErased || event.row_table != model::Customer::kTable) return;
  waiting_.erase(event.key1);
  erasures_.insert(event.key1);
}

// What came along with a customer's change, such as its pool's, lost only the reason, and stands behind it.
void ErasureCheck::AddErased(const model::Event& event) {
  ++erased_;
  if (IsOfCustomer(event)) {
    requests_.insert(event.request_id);
    waiting_.emplace(event.key1, event.sequence);
  } else if (!cut_ && !requests_.contains(event.request_id)) {
    keys_[{event.row_table, event.key1}] = event.sequence;
  }
}

// While servers are replaced, one of before may number an event.
void ErasureCheck::NoteRecord(const model::Event& event) {
  if (OnlyLeafIsLeft(event)) {
    if (late_leaf_ == 0 && proven_ > salted_since_ + kReplacingServers) late_leaf_ = event.sequence;
    return;
  }
  proven_ = std::max(proven_, event.event_time);
  if (event.record_version == kSaltedRecord) salted_since_ = std::min(salted_since_, event.event_time);
}

absl::StatusOr<ErasureCheck::Unfounded> ErasureCheck::Finish(Connection& connection) const {
  const auto of = [](int64_t sequence, absl::string_view why) {
    return Unfounded{sequence, absl::StrCat("event ", sequence, " is erased, but ", why)};
  };
  constexpr char kNoCustomer[] = "no customer of it is";
  if (late_leaf_ != 0) return of(late_leaf_, "its record is of a form that was not written any more");
  if (!waiting_.empty()) return of(waiting_.begin()->second, kNoCustomer);
  for (const auto& [key, sequence] : keys_) {
    ASSIGN_OR_RETURN(const std::string customer, CustomerOfKey(connection, key.first, key.second));
    // A key may have changed between the erasure and the pass that erases its events, which erases that change, too.
    if (!erasures_.contains(customer)) return of(sequence, kNoCustomer);
  }
  return Unfounded();
}

}  // namespace lmp::storage
