// Changes made again or taken back on rows in memory: how history is read forwards and backwards.
#ifndef LMP_STORAGE_MODEL_REPLAY_H_
#define LMP_STORAGE_MODEL_REPLAY_H_

#include <utility>
#include <vector>

#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::model {

// Calls f(changes of a kind, the world's rows of that kind) for every kind. The catalog is copied only if it changes.
template <class F>
void ForEachKindIn(const ChangeSet& changes, World& world, F&& f) {
  if (changes.changes_catalog()) {
    Catalog& catalog = world.MutableCatalog();
    CatalogKinds::ForEach([&]<class Row>() { f(ChangesOf<Row>(changes), CatalogRowsOf<Row>(catalog)); });
  }
  OwnKinds::ForEach([&]<class Row>() { f(ChangesOf<Row>(changes), OwnRowsOf<Row>(world)); });
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
