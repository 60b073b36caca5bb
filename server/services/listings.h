// The lists of resources, each as what is particular to it.
#ifndef LMP_SERVER_SERVICES_LISTINGS_H_
#define LMP_SERVER_SERVICES_LISTINGS_H_

#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/services/listing.h"

namespace lmp::server {

Listing<v1::ListPartnersRequest, v1::ListPartnersResponse, model::Partner, v1::Partner> Partners();
Listing<v1::ListCustomersRequest, v1::ListCustomersResponse, model::Customer, v1::Customer> Customers();
Listing<v1::ListProductsRequest, v1::ListProductsResponse, model::Product, v1::Product> Products();
Listing<v1::ListServicePlansRequest, v1::ListServicePlansResponse, model::ServicePlan, v1::ServicePlan> ServicePlans();
Listing<v1::ListSubscriptionsRequest, v1::ListSubscriptionsResponse, model::Subscription, v1::Subscription> Subscriptions();
Listing<v1::ListLicensesRequest, v1::ListLicensesResponse, model::License, v1::License> Licenses();
Listing<v1::ListLicensePoolsRequest, v1::ListLicensePoolsResponse, model::LicensePool, v1::LicensePool> LicensePools();
Listing<v1::ListRegistrationKeysRequest, v1::ListRegistrationKeysResponse, model::RegistrationKey, v1::RegistrationKey>
RegistrationKeys();
Listing<v1::ListScheduledChangesRequest, v1::ListScheduledChangesResponse, model::ScheduledChange, v1::ScheduledChange>
ScheduledChanges();

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_LISTINGS_H_
