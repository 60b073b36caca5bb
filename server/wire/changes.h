// What changed, in the words of the API: for a preview (mutation_response.h) and for the history.
#ifndef LMP_SERVER_WIRE_CHANGES_H_
#define LMP_SERVER_WIRE_CHANGES_H_

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lmp/v1/change.pb.h"
#include "lmp/v1/event.pb.h"
#include "server/engine/write_engine.h"
#include "server/wire/resources.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"

namespace lmp::wire {

// A preview's `changes`: every event that a decision leads to, as it will be told, in order; events of what was due
// come first.
std::vector<v1::Change> ChangesOf(const engine::Decision& decided);

// Renders an event whose images are `change`. Fields that the API computes from the row and the day are shown as they
// were on the event's day (if time made the change: on the day on which it was due, and before the change as of the day
// before). Fields that come from other rows are shown as `around` has those rows, and left out if it does not have
// them.
void ToProto(const model::Event& event, const model::ChangeSet& change, const model::World& around, v1::Event* out);

// Returns "events/{event}".
std::string EventName(int64_t event_id);
// The number in an event's name, whose form was checked (Fields::Name). Errors: EVENT_NOT_FOUND if no event can have
// it.
absl::StatusOr<int64_t> EventIdOf(const std::string& name);
absl::Status NoSuchEvent(const std::string& name);  // EVENT_NOT_FOUND

// The value of one field in protobuf JSON; empty if the field is not set.
std::string FieldJson(const google::protobuf::Message& message, absl::string_view field);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_CHANGES_H_
