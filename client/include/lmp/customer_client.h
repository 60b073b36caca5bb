#ifndef LMP_CUSTOMER_CLIENT_H_
#define LMP_CUSTOMER_CLIENT_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "lmp/connection.h"
#include "lmp/v1/customer_service.pb.h"

namespace lmp::client {

// Partners and the customers they look after: lmp.v1.CustomerService. What each method takes, does and fails
// with is said in lmp/v1/customer_service.proto; the client checks nothing itself. Cheap to copy, and safe for use by
// many threads.
class CustomerClient final {
 public:
  // `connection` must not be null: MakeConnection(options), or a mock.
  explicit CustomerClient(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  absl::StatusOr<v1::Partner> CreatePartner(const v1::CreatePartnerRequest& request,
                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::Partner> GetPartner(const v1::GetPartnerRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListPartnersResponse> ListPartners(const v1::ListPartnersRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> CreateCustomer(const v1::CreateCustomerRequest& request,
                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> GetCustomer(const v1::GetCustomerRequest& request,
                                           const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListCustomersResponse> ListCustomers(const v1::ListCustomersRequest& request,
                                                          const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> UpdateCustomer(const v1::UpdateCustomerRequest& request,
                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::Partner> UpdatePartner(const v1::UpdatePartnerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Partner> SuspendPartner(const v1::SuspendPartnerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Partner> ResumePartner(const v1::ResumePartnerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Partner> CancelPartner(const v1::CancelPartnerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::BatchGetCustomersResponse> BatchGetCustomers(const v1::BatchGetCustomersRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> DisableCustomer(const v1::DisableCustomerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> EnableCustomer(const v1::EnableCustomerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> DeleteCustomer(const v1::DeleteCustomerRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Customer> UndeleteCustomer(const v1::UndeleteCustomerRequest& request,
      const CallOptions& options = {}) const;

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace lmp::client

#endif  // LMP_CUSTOMER_CLIENT_H_
