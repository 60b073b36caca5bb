#include "tests/benchmarks/load/workloads.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

absl::Status CallOnEach(const std::vector<std::string>& ids, const Work& work) {
  const auto count = static_cast<int64_t>(ids.size());
  return FirstError(RunClosed(static_cast<int>(std::min<int64_t>(64, count)), {.calls = count}, work));
}

v1::ListLicensesRequest PageRequest(const std::string& customer_id) {
  v1::ListLicensesRequest request;
  request.set_parent(domain::CustomerName(customer_id));
  request.set_page_size(kPage);
  return request;
}

}  // namespace

absl::Status FirstError(const Run& run) {
  return run.errors == 0 ? absl::OkStatus() : absl::InternalError(run.first_error);
}

Shuffled::Shuffled(std::vector<std::string> items) : items_(std::move(items)) {
  std::shuffle(items_.begin(), items_.end(), std::mt19937(1));
}

const char* ProductOf(int64_t number) { return kProducts[static_cast<size_t>(number / 7) % std::size(kProducts)]; }

absl::StatusOr<Licensed> MakeLicensed(Testbed& testbed, int count) {
  ASSIGN_OR_RETURN(std::vector<std::string> ids, testbed.customers().Make(count));
  RETURN_IF_ERROR(CallOnEach(ids, AssignWork(testbed.service(), ids)));
  return FindLicensed(testbed.side(), std::move(ids));
}

absl::StatusOr<std::vector<std::string>> MakeLarge(Testbed& testbed, int count) {
  static_assert(kLargePlanLicenses == kPage);
  ASSIGN_OR_RETURN(std::vector<std::string> ids, testbed.customers().Make(count));
  RETURN_IF_ERROR(CallOnEach(ids, Unary(testbed.service(), &LicensingRpcs::AssignServicePlan, [&ids](int64_t number) {
                               return AssignLargeRequest(ids[static_cast<size_t>(number)]);
                             })));
  grpc::ClientContext context;
  v1::ListLicensesResponse page;
  const grpc::Status status =
      testbed.service().front().licensing->ListLicenses(&context, PageRequest(ids.front()), &page);
  if (status.ok() && page.licenses_size() == kPage) return ids;
  return absl::InternalError(absl::StrCat("no page of ", kPage, " but ", page.licenses_size(), status.error_message()));
}

Work CheckWork(const Stubs& stubs, const std::vector<std::string>& customer_ids,
               std::optional<absl::Duration> max_staleness, const std::string& authorization) {
  return Unary(
      stubs, &LicensingRpcs::CheckLicense,
      [pick = Shuffled(customer_ids), max_staleness](int64_t number) {
        return CheckRequest(pick[number], ProductOf(number), max_staleness);
      },
      authorization);
}

Work GetWork(const Stubs& stubs, const std::vector<std::string>& license_names) {
  return Unary(stubs, &LicensingRpcs::GetLicense, [pick = Shuffled(license_names)](int64_t number) {
    v1::GetLicenseRequest request;
    request.set_name(pick[number]);
    return request;
  });
}

Work ListWork(const Stubs& stubs, const std::vector<std::string>& customer_ids) {
  return Unary(stubs, &LicensingRpcs::ListLicenses,
               [pick = Shuffled(customer_ids)](int64_t number) { return PageRequest(pick[number]); });
}

Work AssignWork(const Stubs& stubs, std::vector<std::string> customer_ids) {
  return Unary(stubs, &LicensingRpcs::AssignServicePlan, [ids = std::move(customer_ids)](int64_t number) {
    return AssignRequest(ids[static_cast<size_t>(number) % ids.size()]);
  });
}

}  // namespace lmp::bench
