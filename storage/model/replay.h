// Makes changes again, or undoes them, on rows in memory. The history is read forwards and backwards with it.
#ifndef LMP_STORAGE_MODEL_REPLAY_H_
#define LMP_STORAGE_MODEL_REPLAY_H_

#include <utility>
#include <vector>

#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::model {

// Calls f(changes of a kind, the world's rows of that kind) for every kind of row. The catalog is copied only if it
// changes.
template <class F>
void ForEachKindIn(const ChangeSet& changes, World& world, F&& f) {
  if (changes.changes_catalog()) {
    Catalog& catalog = world.MutableCatalog();
    CatalogKinds::ForEach([&]<class Row>() { f(ChangesOf<Row>(changes), CatalogRowsOf<Row>(catalog)); });
  }
  OwnKinds::ForEach([&]<class Row>() { f(ChangesOf<Row>(changes), OwnRowsOf<Row>(world)); });
}

// Sets the rows to what they were after the changes.
inline void Redo(const ChangeSet& changes, World& world) {
  ForEachKindIn(changes, world, [](const auto& list, auto& rows) {
    for (const auto& change : list) rows.insert_or_assign(KeyOf(change.after), change.after);
  });
}

// Sets the rows back to what they were before the changes; a row that was new is removed.
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
