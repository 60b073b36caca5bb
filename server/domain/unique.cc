#include "server/domain/unique.h"

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"

namespace lmp::domain {

absl::Status TakeUnique(model::World& world, const model::UniqueValue& wanted, const std::string& released,
                        const std::string& row_id, absl::string_view reason, absl::string_view collection) {
  const auto owner = world.unique_holders.find(wanted);
  if (owner != world.unique_holders.end() && owner->second != row_id) {
    const std::string name = absl::StrCat(collection, "/", owner->second);
    // The column without its table, because callers know nothing of tables.
    const std::string field = wanted.column.substr(wanted.column.find('.') + 1);
    return AlreadyExists(reason, name, absl::StrCat(name, " already has ", field, " \"", wanted.value, "\""));
  }
  world.unique_holders[wanted] = row_id;
  if (!released.empty() && released != wanted.value)
    world.unique_holders.erase({wanted.column, wanted.partner_id, released});
  return absl::OkStatus();
}

void ReleaseUnique(model::World& world, const model::UniqueValue& released) { world.unique_holders.erase(released); }

}  // namespace lmp::domain
