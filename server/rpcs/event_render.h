// Events as they are told.
#ifndef LMP_SERVER_RPCS_EVENT_RENDER_H_
#define LMP_SERVER_RPCS_EVENT_RENDER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/event.pb.h"
#include "server/engine/event_feed.h"
#include "storage/catalog_cache.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::rpcs {

// Renders events. Of the rows around only products are given, for the ends of their lives; a customer, partner or
// subscription may have been in another state. Errors: those of the connection; DATA_LOSS for an image that can't be
// read.
absl::Status RenderEvents(storage::Connection& connection, storage::CatalogCache& cache,
                          const std::vector<model::Event>& events, const std::function<v1::Event*()>& add);

// The bytes of each, and of what CheckLicense is to know of it. One whose images can't be read is told without its
// change, so that it does not end a stream. Errors: those of the connection.
absl::StatusOr<std::vector<engine::RenderedEvent>> SerializedEvents(storage::Connection& connection,
                                                                    storage::CatalogCache& cache,
                                                                    const std::vector<model::Event>& events);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_EVENT_RENDER_H_
