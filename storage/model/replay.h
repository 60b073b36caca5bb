// Changes made again or taken back on rows in memory: how history is read forwards and backwards.
#ifndef LMP_STORAGE_MODEL_REPLAY_H_
#define LMP_STORAGE_MODEL_REPLAY_H_

#include <utility>
#include <vector>

#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::model {

// Calls f(changes of a kind, the world's rows of that kind) for every kind. The catalogue is copied only if it changes.
template <class F>
void ForEachKindIn(const ChangeSet& changes, World& world, F&& f) {
  if (changes.changes_catalogue()) {
    Catalogue& catalogue = world.MutableCatalogue();
    f(changes.partners, catalogue.partners);
    f(changes.products, catalogue.products);
    f(changes.service_plans, catalogue.service_plans);
  }
  f(changes.customers, world.customers);
  f(changes.subscriptions, world.subscriptions);
  f(changes.licenses, world.licenses);
  f(changes.scheduled_changes, world.scheduled_changes);
  f(changes.pools, world.pools);
  f(changes.registration_keys, world.registration_keys);
  f(changes.license_tokens, world.license_tokens);
}

// Puts the rows as they were after the changes.
inline void Redo(const ChangeSet& changes, World& world) {
  ForEachKindIn(changes, world, [](const auto& list, auto& rows) {
    for (const auto& change : list) rows.insert_or_assign(KeyOf(change.after), change.after);
  });
}

// Puts the rows as they were before the changes; a row that was new is taken out.
inline void Undo(const ChangeSet& changes, World& world) {
  ForEachKindIn(changes, world, [](const auto& list, auto& rows) {
    for (const auto& change : list) {
      if (change.before.has_value()) {
        rows.insert_or_assign(KeyOf(change.after), *change.before);
      } else {
        rows.erase(KeyOf(change.after));
      }
    }
  });
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_REPLAY_H_
