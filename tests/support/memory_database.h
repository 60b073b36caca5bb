// A database that is a world in memory, for measuring what is ours and not the database's: it knows the statements of
// loading, answers with the world's rows whatever was stored meanwhile, and takes whatever is stored.
//
// A program that links memory_database.cc has it instead of MySQL: Connection::Open (storage/mysql/connection.h) leads
// here.
#ifndef LMP_TESTS_SUPPORT_MEMORY_DATABASE_H_
#define LMP_TESTS_SUPPORT_MEMORY_DATABASE_H_

#include "storage/model/world.h"
#include "tests/support/meter.h"

namespace lmp::testing {

// One in a process. All connections lead to it, and must be gone before it is.
class MemoryDatabase final {
 public:
  // `meter` is told: begun, so kLoad; first row written, so kStore; ended, so kOutside. Looking for rows is outside
  // too.
  explicit MemoryDatabase(Meter& meter);
  ~MemoryDatabase();
  MemoryDatabase(const MemoryDatabase&) = delete;
  MemoryDatabase& operator=(const MemoryDatabase&) = delete;

  // From now on these are the rows. `world` outlives the calls.
  void Show(const model::World& world) { world_ = &world; }

  const model::World& world() const { return *world_; }
  Meter& meter() const { return meter_; }

 private:
  Meter& meter_;
  const model::World* world_ = nullptr;
};

}  // namespace lmp::testing

#endif  // LMP_TESTS_SUPPORT_MEMORY_DATABASE_H_
