// What changed, in the words of the API: of a preview (responses.h) and of the history.
#ifndef LMP_SERVER_WIRE_CHANGES_H_
#define LMP_SERVER_WIRE_CHANGES_H_

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lmp/v1/change.pb.h"
#include "lmp/v1/event.pb.h"
#include "server/engine/write_engine.h"
#include "server/wire/resources.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"

namespace lmp::wire {

// Each event that a decision leads to, as it will be told: in order, first those of what time did. A preview's
// `changes`.
std::vector<v1::Change> ChangesOf(const engine::Decision& decided);

// An event whose images are `change`. What the API computes from the row and the day is shown as it was on the event's
// day (for what time did by itself: on the day it was due, and before that on the day before); what comes from the rows
// of `around` as these have it; what comes from rows that are not there is left out.
void ToProto(const model::Event& event, const model::ChangeSet& change, const model::World& around, v1::Event* out);

// "events/{event}".
std::string EventName(int64_t event_id);

// One field in protobuf JSON; empty if it is not set.
std::string FieldJson(const google::protobuf::Message& message, absl::string_view field);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_CHANGES_H_
