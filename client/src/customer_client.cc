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

absl::StatusOr<v1::Partner> CustomerClient::UpdatePartner(
    const v1::UpdatePartnerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Partner>(*connection_, "/lmp.v1.CustomerService/UpdatePartner", request, options);
}

absl::StatusOr<v1::Partner> CustomerClient::SuspendPartner(
    const v1::SuspendPartnerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Partner>(*connection_, "/lmp.v1.CustomerService/SuspendPartner", request, options);
}

absl::StatusOr<v1::Partner> CustomerClient::ResumePartner(
    const v1::ResumePartnerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Partner>(*connection_, "/lmp.v1.CustomerService/ResumePartner", request, options);
}

absl::StatusOr<v1::Partner> CustomerClient::CancelPartner(
    const v1::CancelPartnerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Partner>(*connection_, "/lmp.v1.CustomerService/CancelPartner", request, options);
}

absl::StatusOr<v1::BatchGetCustomersResponse> CustomerClient::BatchGetCustomers(
    const v1::BatchGetCustomersRequest& request, const CallOptions& options) const {
  return TypedCall<v1::BatchGetCustomersResponse>(*connection_, "/lmp.v1.CustomerService/BatchGetCustomers", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::DisableCustomer(
    const v1::DisableCustomerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/DisableCustomer", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::EnableCustomer(
    const v1::EnableCustomerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/EnableCustomer", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::DeleteCustomer(
    const v1::DeleteCustomerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/DeleteCustomer", request, options);
}

absl::StatusOr<v1::Customer> CustomerClient::UndeleteCustomer(
    const v1::UndeleteCustomerRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Customer>(*connection_, "/lmp.v1.CustomerService/UndeleteCustomer", request, options);
}

}  // namespace lmp::client
