// What one customer may hold. All of it is read, and kept in mind, for each of its commands; and all of one product for
// each check.
#ifndef LMP_SERVER_DOMAIN_DECISION_ROOM_H_
#define LMP_SERVER_DOMAIN_DECISION_ROOM_H_

#include <cstddef>

#include "absl/status/status.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct Room {
  size_t licenses = 10'000;              // that are not closed
  size_t licenses_of_product = 500;      // of these, of one product
  size_t licenses_ever = 20'000;         // with those that are closed, which are kept
  size_t changes = 2'000;                // scheduled ones that wait
  size_t changes_of_subscription = 100;  // of these, of one subscription: each is played for each update of it
};

// CUSTOMER_FULL if a customer has more than there is room for, and more than before. Who has more already, as from
// before there was a limit, can still do what adds none.
absl::Status CheckRoom(const model::World& before, const model::World& after, const Room& room);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_ROOM_H_
