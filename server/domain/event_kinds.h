// The kinds of events, as the history shows them. The table of their meanings is in proto/README.md; a test compares it
// with this file. In the table of RPCs (server/rpcs/) each RPC names the kind of the events that it writes.
#ifndef LMP_SERVER_DOMAIN_EVENT_KINDS_H_
#define LMP_SERVER_DOMAIN_EVENT_KINDS_H_

#include <string_view>

#include "storage/model/event.h"

namespace lmp::domain::event {

inline constexpr char kPartnerCreated[] = "PARTNER_CREATED";
inline constexpr char kPartnerUpdated[] = "PARTNER_UPDATED";
inline constexpr char kPartnerSuspended[] = "PARTNER_SUSPENDED";
inline constexpr char kPartnerResumed[] = "PARTNER_RESUMED";
inline constexpr char kPartnerCanceled[] = "PARTNER_CANCELED";

inline constexpr char kCustomerCreated[] = "CUSTOMER_CREATED";
inline constexpr char kCustomerUpdated[] = "CUSTOMER_UPDATED";
inline constexpr char kCustomerDisabled[] = "CUSTOMER_DISABLED";
inline constexpr char kCustomerEnabled[] = "CUSTOMER_ENABLED";
inline constexpr char kCustomerDeleted[] = "CUSTOMER_DELETED";
inline constexpr char kCustomerUndeleted[] = "CUSTOMER_UNDELETED";
inline constexpr char kCustomerErased[] = "CUSTOMER_ERASED";
static_assert(std::string_view(kCustomerErased) == model::kCustomerErased, "the proof of the history knows it, too");

inline constexpr char kProductCreated[] = "PRODUCT_CREATED";
inline constexpr char kProductUpdated[] = "PRODUCT_UPDATED";
inline constexpr char kSuiteComponentsChanged[] = "SUITE_COMPONENTS_CHANGED";
inline constexpr char kProductSaleEnded[] = "PRODUCT_SALE_ENDED";
inline constexpr char kProductLifeEnded[] = "PRODUCT_LIFE_ENDED";
inline constexpr char kServicePlanCreated[] = "SERVICE_PLAN_CREATED";
inline constexpr char kServicePlanUpdated[] = "SERVICE_PLAN_UPDATED";
inline constexpr char kServicePlanEnabled[] = "SERVICE_PLAN_ENABLED";
inline constexpr char kServicePlanDisabled[] = "SERVICE_PLAN_DISABLED";
inline constexpr char kServicePlanDeleted[] = "SERVICE_PLAN_DELETED";
inline constexpr char kServicePlanApproved[] = "SERVICE_PLAN_APPROVED";

inline constexpr char kServicePlanAssigned[] = "SERVICE_PLAN_ASSIGNED";
inline constexpr char kSubscriptionUpdated[] = "SUBSCRIPTION_UPDATED";
inline constexpr char kServicePlanChanged[] = "SERVICE_PLAN_CHANGED";
inline constexpr char kSubscriptionRenewed[] = "SUBSCRIPTION_RENEWED";
inline constexpr char kSubscriptionSuspended[] = "SUBSCRIPTION_SUSPENDED";
inline constexpr char kSubscriptionUnsuspended[] = "SUBSCRIPTION_UNSUSPENDED";
inline constexpr char kSubscriptionCanceled[] = "SUBSCRIPTION_CANCELED";
inline constexpr char kPlanUpdatesApplied[] = "PLAN_UPDATES_APPLIED";
inline constexpr char kScheduledChangeCanceled[] = "SCHEDULED_CHANGE_CANCELED";
inline constexpr char kChangeReverted[] = "CHANGE_REVERTED";

inline constexpr char kLicenseActivated[] = "LICENSE_ACTIVATED";
inline constexpr char kLicenseDeleted[] = "LICENSE_DELETED";
inline constexpr char kUsageReported[] = "USAGE_REPORTED";
inline constexpr char kLicenseTokenIssued[] = "LICENSE_TOKEN_ISSUED";
inline constexpr char kLicensePoolUpdated[] = "LICENSE_POOL_UPDATED";
inline constexpr char kLicensePoolUnitsAdded[] = "LICENSE_POOL_UNITS_ADDED";
inline constexpr char kRegistrationKeyCreated[] = "REGISTRATION_KEY_CREATED";
inline constexpr char kRegistrationKeyUpdated[] = "REGISTRATION_KEY_UPDATED";
inline constexpr char kRegistrationKeyVoided[] = "REGISTRATION_KEY_VOIDED";
inline constexpr char kRegistrationKeyRedeemed[] = "REGISTRATION_KEY_REDEEMED";
inline constexpr char kApiKeyCreated[] = "API_KEY_CREATED";
inline constexpr char kApiKeyUpdated[] = "API_KEY_UPDATED";
inline constexpr char kApiKeyRevoked[] = "API_KEY_REVOKED";

// What time does by itself. A renewal by time is SUBSCRIPTION_RENEWED too.
inline constexpr char kScheduledChangeApplied[] = "SCHEDULED_CHANGE_APPLIED";
inline constexpr char kScheduledChangeDropped[] = "SCHEDULED_CHANGE_DROPPED";
inline constexpr char kLicenseExpiringSoon[] = "LICENSE_EXPIRING_SOON";
inline constexpr char kLicenseExpired[] = "LICENSE_EXPIRED";
inline constexpr char kLicenseEnded[] = "LICENSE_ENDED";
inline constexpr char kTimePassed[] = "TIME_PASSED";

// Of no change: what there is, at the beginning of a stream that asked for it.
inline constexpr char kSnapshot[] = "SNAPSHOT";

}  // namespace lmp::domain::event

#endif  // LMP_SERVER_DOMAIN_EVENT_KINDS_H_
