// The rows that a writer wants and that other sessions have locked.
#ifndef LMP_STORAGE_LOCKED_ROWS_H_
#define LMP_STORAGE_LOCKED_ROWS_H_

#include <set>
#include <string>

#include "storage/model/row.h"

namespace lmp::storage {

struct LockedRows {
  std::set<std::string> customers, registration_keys;
  std::set<model::RowKey> pools;  // (partner, product)
  bool catalog = false;
  // Something that a write needs although the writer does not ask for it, such as a partner's row, to which a foreign
  // key leads.
  bool elsewhere = false;
  // Pools that are known to be locked for long: given by the writer, so that it does not even look at them.
  std::set<model::RowKey> known_pools = {};

  bool empty() const {
    return customers.empty() && registration_keys.empty() && pools.empty() && !catalog && !elsewhere;
  }
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LOCKED_ROWS_H_
