// Reads of the history: events, and why a licence is as it is.
#ifndef LMP_SERVER_SERVICES_HISTORY_READS_H_
#define LMP_SERVER_SERVICES_HISTORY_READS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/env.h"
#include "storage/catalogue_cache.h"
#include "storage/connection.h"
#include "storage/lists.h"
#include "storage/model/world.h"

namespace lmp::server {

// A number that can't be an event's is one that nobody has: 0.
absl::StatusOr<int64_t> ParseGetEvent(const v1::GetEventRequest& request);
absl::Status GetEvent(storage::Connection& connection, storage::CatalogueCache& cache, int64_t event_id,
                      const domain::Env& env, v1::Event* response);
absl::Status ListEvents(storage::Connection& connection, storage::CatalogueCache& cache,
                        const v1::ListEventsRequest& request, storage::PageOptions options, const domain::Env& env,
                        v1::ListEventsResponse* response);

absl::StatusOr<model::RowKey> ParseExplainLicense(const v1::ExplainLicenseRequest& request);
absl::Status ExplainLicense(storage::Connection& connection, storage::CatalogueCache& cache, model::RowKey key,
                            const domain::Env& env, v1::ExplainLicenseResponse* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_HISTORY_READS_H_
