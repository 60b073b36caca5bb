#include "lmp/customer_client.h"

#include "client/src/typed_call.h"

namespace lmp::client {

absl::StatusOr<v1::Partner> CustomerClient::CreatePartner(const v1::CreatePartnerRequest& request,
                                                          const CallOptions& options) const {
  return TypedCall<v1::Partner>(*connection_, "/lmp.v1.CustomerService/CreatePartner", request, options);
}

absl::StatusOr<v1::Partner> CustomerClient::GetPartner(const v1::GetPartnerRequest& request,
                                                       const CallOptions& options) const {
  return TypedCall<v1::Partner>(*connection_, "/lmp.v1.CustomerService/GetPartner", request, options);
}

absl::StatusOr<v1::ListPartnersResponse> CustomerClient::ListPartners(const v1::ListPartnersRequest& request,
                                                                      const CallOptions& options) const {
  return TypedCall<v1::ListPartnersResponse>(*connection_, "/lmp.v1.CustomerService/ListPartners", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::CreateCustomer(const v1::CreateCustomerRequest& request,
                                                            const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/CreateCustomer", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::GetCustomer(const v1::GetCustomerRequest& request,
                                                         const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/GetCustomer", request, options);
}

absl::StatusOr<v1::ListCustomersResponse> CustomerClient::ListCustomers(const v1::ListCustomersRequest& request,
                                                                        const CallOptions& options) const {
  return TypedCall<v1::ListCustomersResponse>(*connection_, "/lmp.v1.CustomerService/ListCustomers", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::UpdateCustomer(const v1::UpdateCustomerRequest& request,
                                                            const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/UpdateCustomer", request, options);
}

}  // namespace lmp::client
