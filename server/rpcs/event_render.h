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

// Renders events, or the rows of a snapshot (event_id 0), those of a customer together. Of the rows around an event
// only products are given, for the ends of their lives; a customer, partner or subscription may have been in another
// state. One whose images can't be read is told without its change, so that it ends neither a stream nor a list,
// whatever lies behind it. Errors: those of the connection.
absl::Status RenderEvents(storage::Connection& connection, storage::CatalogCache& cache,
                          const std::vector<model::Event>& events, const std::function<v1::Event*()>& add);

// The bytes of each, and of what CheckLicense is to know of it. Errors: those of the connection.
absl::StatusOr<std::vector<engine::RenderedEvent>> SerializedEvents(storage::Connection& connection,
                                                                    storage::CatalogCache& cache,
                                                                    const std::vector<model::Event>& events);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_EVENT_RENDER_H_
