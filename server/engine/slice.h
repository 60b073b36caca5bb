// The part of a batch's world that one command may see, and putting back what it made of it. A decision works on its
// own slice: what it refuses or breaks is thrown away with it, and its neighbours never notice.
#ifndef LMP_SERVER_ENGINE_SLICE_H_
#define LMP_SERVER_ENGINE_SLICE_H_

#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::engine {

// All that the commands of a batch need.
void AddFootprint(const model::Footprint& part, model::Footprint& all);

// The rows of `world` that `footprint` names, as a writer gets them (world.h). The catalog is shared, not copied.
model::World SliceOf(const model::World& world, const model::Footprint& footprint);

// Makes `world` what a decision made of its slice; `changes` are the rows in which they differ.
void Merge(model::World decided, const model::ChangeSet& changes, model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_SLICE_H_
