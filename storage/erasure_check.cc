#include "storage/erasure_check.h"

#include "absl/strings/str_cat.h"
#include "storage/erasure.h"
#include "storage/events.h"
#include "storage/status_macros.h"

namespace lmp::storage {

void ErasureCheck::Add(const model::Event& event) {
  if (event.transaction_end != transaction_) {
    cut_ = cut_ && transaction_ == 0;
    transaction_ = event.transaction_end;
    requests_.clear();
  }
  if (event.erased.has_value()) AddErased(event);
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

absl::StatusOr<int64_t> ErasureCheck::Finish(Connection& connection) const {
  if (!waiting_.empty()) return waiting_.begin()->second;
  for (const auto& [key, sequence] : keys_) {
    ASSIGN_OR_RETURN(const std::string customer, CustomerOfKey(connection, key.first, key.second));
    // A key may have changed between the erasure and the pass that erases its events, which erases that change, too.
    if (!erasures_.contains(customer)) return sequence;
  }
  return 0;
}

}  // namespace lmp::storage
