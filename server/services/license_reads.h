// Reads of subscriptions, licences, scheduled changes and pools: parse a request, say which rows it needs, fill the response.
#ifndef LMP_SERVER_SERVICES_LICENSE_READS_H_
#define LMP_SERVER_SERVICES_LICENSE_READS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::server {

model::Footprint FootprintOfCustomerRow(const model::RowKey& key);
absl::StatusOr<model::RowKey> ParseGetSubscription(const v1::GetSubscriptionRequest& request);
absl::Status AnswerGetSubscription(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                   v1::Subscription* response);
absl::StatusOr<model::RowKey> ParseGetLicense(const v1::GetLicenseRequest& request);
absl::Status AnswerGetLicense(const model::World& world, const model::RowKey& key, const domain::Env& env,
                              v1::License* response);
absl::StatusOr<model::RowKey> ParseCheckLicense(const v1::CheckLicenseRequest& request);
model::Footprint FootprintOfCheck(const model::RowKey& key);
absl::Status AnswerCheckLicense(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                v1::CheckLicenseResponse* response);
absl::StatusOr<std::vector<model::RowKey>> ParseBatchCheckLicenses(const v1::BatchCheckLicensesRequest& request);
model::Footprint FootprintOfChecks(const std::vector<model::RowKey>& keys);
absl::Status AnswerBatchCheckLicenses(const model::World& world, const std::vector<model::RowKey>& keys,
                                      const domain::Env& env, v1::BatchCheckLicensesResponse* response);
absl::StatusOr<model::RowKey> ParseGetLicensePool(const v1::GetLicensePoolRequest& request);
model::Footprint FootprintOfPool(const model::RowKey& key);
absl::Status AnswerGetLicensePool(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                  v1::LicensePool* response);
absl::StatusOr<std::string> ParseGetRegistrationKey(const v1::GetRegistrationKeyRequest& request);
model::Footprint FootprintOfRegistrationKey(const std::string& id);
absl::Status AnswerGetRegistrationKey(const model::World& world, const std::string& id, const domain::Env& env,
                                      v1::RegistrationKey* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_LICENSE_READS_H_
