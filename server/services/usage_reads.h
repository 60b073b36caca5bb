// The usage report of a partner and a month.
#ifndef LMP_SERVER_SERVICES_USAGE_READS_H_
#define LMP_SERVER_SERVICES_USAGE_READS_H_

#include "absl/status/status.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/services/reading.h"

namespace lmp::server {

// What is wrong with the request, without the database. Errors: INVALID_ARGUMENT.
absl::Status CheckGetUsageReport(const v1::GetUsageReportRequest& request);

// A page costs what its customers did in the month, at most kMaxReportedCustomers (in the .cc) of them: it may have fewer
// rows than asked for, even none, and still a token for the next.
absl::Status GetUsageReport(const Reading& reading, const v1::GetUsageReportRequest& request, const wire::PageRequest& page,
                            v1::GetUsageReportResponse* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_USAGE_READS_H_
