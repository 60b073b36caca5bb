// Which of the rows that a batch found locked keep which of its commands from being decided.
#ifndef LMP_SERVER_ENGINE_LOCKED_FOR_H_
#define LMP_SERVER_ENGINE_LOCKED_FOR_H_

#include <set>
#include <string>
#include <vector>

#include "storage/locked_rows.h"
#include "storage/model/world.h"

namespace lmp::engine {

// Those of the ids that are among `locked`.
std::set<std::string> LockedAmong(const std::vector<std::string>& ids, const std::set<std::string>& locked);

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
