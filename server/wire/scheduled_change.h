// Scheduled changes on the wire.
#ifndef LMP_SERVER_WIRE_SCHEDULED_CHANGE_H_
#define LMP_SERVER_WIRE_SCHEDULED_CHANGE_H_

#include <string>

#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/subscription/verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/resource.h"

namespace lmp::wire {

void SetName(Fields& fields, const std::string& name, domain::CancelScheduledChangeCommand& command);

void RenderCanceledChange(const engine::Decision& decided, const domain::SubscriptionResult& result,
                          v1::ScheduledChange* out);
void ToProto(const model::ScheduledChange& row, const View& view, v1::ScheduledChange* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_SCHEDULED_CHANGE_H_
