// The part of a batch's world that one command may see, and the merge of the decision back into the world. A decision
// works on its own slice: what it refuses or breaks is thrown away with the slice, and the other commands never notice.
#ifndef LMP_SERVER_ENGINE_SLICE_H_
#define LMP_SERVER_ENGINE_SLICE_H_

#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::engine {

// Adds one command's footprint to the footprint of all commands of a batch.
void AddFootprint(const model::Footprint& part, model::Footprint& all);

// Returns the rows of `world` that `footprint` names, as a writer gets them (world.h). The catalog is shared, not
// copied.
model::World SliceOf(const model::World& world, const model::Footprint& footprint);

// Brings `world` to what a decision made of its slice; `changes` are the rows in which they differ.
void Merge(model::World decided, const model::ChangeSet& changes, model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_SLICE_H_
