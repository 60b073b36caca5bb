// One verb for many subscriptions, on the wire.
#ifndef LMP_SERVER_WIRE_SUBSCRIPTION_BATCH_H_
#define LMP_SERVER_WIRE_SUBSCRIPTION_BATCH_H_

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/subscription/batch.h"
#include "server/engine/write_engine.h"

namespace lmp::wire {

absl::StatusOr<domain::BatchUpdateSubscriptionsCommand> ParseBatchUpdateSubscriptions(
    const v1::BatchUpdateSubscriptionsRequest& request);

void RenderBatchUpdate(const engine::Decision& decided, const domain::BatchUpdateSubscriptionsResult& result,
                       v1::BatchUpdateSubscriptionsResponse* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_SUBSCRIPTION_BATCH_H_
