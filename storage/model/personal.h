// What a row tells of people. A noun names the columns that do in its `kPersonal`. The record by which the history is
// proven has them as a salted digest alone (storage/history_chain.h), and the erasure of a customer takes them away
// from its rows and from the images of its events (storage/erasure.h).
//
// A column that is personal stays so, and one that is not can't become it: records that were made are computed anew
// from this. A new column may be either.
#ifndef LMP_STORAGE_MODEL_PERSONAL_H_
#define LMP_STORAGE_MODEL_PERSONAL_H_

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace lmp::model {

template <class Row>
constexpr bool IsPersonal(absl::string_view column) {
  if constexpr (requires { Row::kPersonal; }) {
    return std::find(std::begin(Row::kPersonal), std::end(Row::kPersonal), column) != std::end(Row::kPersonal);
  }
  return false;
}

// The row with these columns as in a new row.
template <class Row>
Row WithoutPersonal(Row row) {
  Row::Visit(row, [](absl::string_view name, auto& value) {
    if (IsPersonal<Row>(name)) value = std::decay_t<decltype(value)>{};
  });
  return row;
}

template <class Row>
bool HoldsPersonal(const Row& row) {
  bool holds = false;
  if constexpr (requires { Row::kPersonal; }) {
    Row::Visit(row, [&](absl::string_view name, const auto& value) {
      holds = holds || (IsPersonal<Row>(name) && value != std::decay_t<decltype(value)>{});
    });
  }
  return holds;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_PERSONAL_H_
