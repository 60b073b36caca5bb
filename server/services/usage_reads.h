// The usage report of a partner and a month.
#ifndef LMP_SERVER_SERVICES_USAGE_READS_H_
#define LMP_SERVER_SERVICES_USAGE_READS_H_

#include "absl/status/status.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/env.h"
#include "storage/catalogue_cache.h"
#include "storage/connection.h"
#include "storage/lists.h"

namespace lmp::server {

// A page costs what its customers did in the month, at most kMaxReportedCustomers (in the .cc) of them: it may have fewer
// rows than asked for, even none, and still a token for the next.
absl::Status GetUsageReport(storage::Connection& connection, storage::CatalogueCache& cache,
                            const v1::GetUsageReportRequest& request, storage::PageOptions options, const domain::Env& env,
                            v1::GetUsageReportResponse* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_USAGE_READS_H_
