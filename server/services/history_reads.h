// Reads of the history: events, and why a licence is as it is.
#ifndef LMP_SERVER_SERVICES_HISTORY_READS_H_
#define LMP_SERVER_SERVICES_HISTORY_READS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/services/reading.h"
#include "storage/model/world.h"

namespace lmp::server {

// What is wrong with the request, without the database. Errors: INVALID_ARGUMENT.
absl::Status CheckListEvents(const v1::ListEventsRequest& request);

// A number that can't be an event's is one that nobody has: 0.
absl::StatusOr<int64_t> ParseGetEvent(const v1::GetEventRequest& request);
absl::Status GetEvent(const Reading& reading, int64_t event_id, v1::Event* response);
absl::Status ListEvents(const Reading& reading, const v1::ListEventsRequest& request, const wire::PageRequest& page,
                        v1::ListEventsResponse* response);

absl::StatusOr<model::RowKey> ParseExplainLicense(const v1::ExplainLicenseRequest& request);
absl::Status ExplainLicense(const Reading& reading, model::RowKey key, v1::ExplainLicenseResponse* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_HISTORY_READS_H_
