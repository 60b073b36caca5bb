// Which of the rows that a batch found locked keep which of its commands from being decided.
#ifndef LMP_SERVER_ENGINE_LOCKED_FOR_H_
#define LMP_SERVER_ENGINE_LOCKED_FOR_H_

#include <set>
#include <string>
#include <vector>

#include "storage/locked_rows.h"
#include "storage/model/world.h"

namespace lmp::engine {

// The rows that are in both sets.
std::set<model::RowKey> Both(const std::set<model::RowKey>& one, const std::set<model::RowKey>& other);

// The rows that others have locked among those that the footprint needs: including rows that hold its unique values,
// and the pools that its customers draw on. `sharers` are customers to whom something is due before any decision:
// whoever shares pools with one whose pool is locked has to wait as well.
storage::LockedRows LockedFor(const model::Footprint& footprint, const storage::LockedRows& locked,
                              const model::World& world, const std::vector<std::string>& sharers);

// Those of the customers that draw on a locked pool.
std::set<std::string> DrawingOnLocked(const std::vector<std::string>& customers, const storage::LockedRows& locked,
                                      const model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_LOCKED_FOR_H_
