// The partner or customer that a verb is about may be in a state in which little or nothing may be done for it. One
// table says so for all verbs and all states. Every verb comes through it (lookup.h), so no verb can forget a state; a
// test covers every verb and state.
#ifndef LMP_SERVER_DOMAIN_STANDING_H_
#define LMP_SERVER_DOMAIN_STANDING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/model/customer.h"
#include "storage/model/partner.h"

namespace lmp::domain {

// The mutations; each is named as its RPC.
enum class Verb {
  kCreatePartner,
  kUpdatePartner,
  kSuspendPartner,
  kResumePartner,
  kCancelPartner,
  kCreateCustomer,
  kUpdateCustomer,
  kDisableCustomer,
  kEnableCustomer,
  kDeleteCustomer,
  kUndeleteCustomer,
  kEraseCustomer,
  kCreateProduct,
  kUpdateProduct,
  kChangeSuiteComponents,
  kEndProductSale,
  kEndProductLife,
  kCreateServicePlan,
  kUpdateServicePlan,
  kEnableServicePlan,
  kDisableServicePlan,
  kDeleteServicePlan,
  kApproveServicePlan,
  kAssignServicePlan,
  kUpdateSubscription,
  kChangeServicePlan,
  kRenewSubscription,
  kSuspendSubscription,
  kUnsuspendSubscription,
  kCancelSubscription,
  kApplyPlanUpdates,
  kBatchApplyPlanUpdates,
  kBatchUpdateSubscriptions,
  kCancelScheduledChange,
  kRevertChange,
  kActivateLicense,
  kDeleteUnbundledLicense,
  kReportUsage,
  kUpdateLicensePool,
  kAddLicensePoolUnits,
  kCreateRegistrationKey,
  kUpdateRegistrationKey,
  kVoidRegistrationKey,
  kRedeemRegistrationKey,
  kIssueLicenseToken,
  kCreateApiKey,
  kUpdateApiKey,
  kRevokeApiKey,
};

// Sets of states. A deleted customer counts as DELETED, whether it is enabled or disabled.
struct PartnerStates {
  bool active, suspended, canceled;
};
struct CustomerStates {
  bool enabled, disabled, deleted;
};
// Whose state the verb itself changes. If that state is the wrong one, the refusal is WRONG_STATE.
enum class Changes { kNeither, kPartner, kCustomer };

// The states of its partner and of its customer in which a verb may be done.
struct Standing {
  Verb verb;
  absl::string_view name;
  PartnerStates partner;
  CustomerStates customer;
  Changes changes = Changes::kNeither;
};

namespace standing {
inline constexpr PartnerStates kNoPartner{true, true, true};  // the verb is about no partner
inline constexpr PartnerStates kActive{true, false, false};
inline constexpr PartnerStates kNotCanceled{true, true, false};
inline constexpr CustomerStates kNoCustomer{true, true, true};  // the verb is about no customer
inline constexpr CustomerStates kEnabled{true, false, false};
inline constexpr CustomerStates kNotDeleted{true, true, false};
}  // namespace standing

// A disabled customer, and a suspended or canceled partner, can be changed only by their own verbs. What products
// report is still taken: the first sign-in and the use are not the partner's doing, and use that was counted before its
// customer was disabled is still to be billed. A new customer has no state yet, only a partner; a new partner has only
// a parent.
inline constexpr Standing kStandings[] = {
    {Verb::kCreatePartner, "CreatePartner", standing::kActive, standing::kNoCustomer},
    {Verb::kUpdatePartner, "UpdatePartner", standing::kNotCanceled, standing::kNoCustomer},
    {Verb::kSuspendPartner, "SuspendPartner", standing::kActive, standing::kNoCustomer, Changes::kPartner},
    {Verb::kResumePartner, "ResumePartner", {false, true, false}, standing::kNoCustomer, Changes::kPartner},
    {Verb::kCancelPartner, "CancelPartner", standing::kNotCanceled, standing::kNoCustomer, Changes::kPartner},
    {Verb::kCreateCustomer, "CreateCustomer", standing::kActive, standing::kNoCustomer},
    {Verb::kUpdateCustomer, "UpdateCustomer", standing::kActive, standing::kNotDeleted},
    {Verb::kDisableCustomer, "DisableCustomer", standing::kActive, standing::kEnabled, Changes::kCustomer},
    {Verb::kEnableCustomer, "EnableCustomer", standing::kActive, {false, true, false}, Changes::kCustomer},
    {Verb::kDeleteCustomer, "DeleteCustomer", standing::kActive, standing::kNotDeleted, Changes::kCustomer},
    {Verb::kUndeleteCustomer, "UndeleteCustomer", standing::kActive, {false, false, true}, Changes::kCustomer},
    // Whoever asks to be forgotten is, whatever became of the partner.
    {Verb::kEraseCustomer, "EraseCustomer", standing::kNoPartner, {false, false, true}, Changes::kCustomer},
    {Verb::kCreateProduct, "CreateProduct", standing::kNoPartner, standing::kNoCustomer},
    {Verb::kUpdateProduct, "UpdateProduct", standing::kNoPartner, standing::kNoCustomer},
    {Verb::kChangeSuiteComponents, "ChangeSuiteComponents", standing::kNoPartner, standing::kNoCustomer},
    {Verb::kEndProductSale, "EndProductSale", standing::kNoPartner, standing::kNoCustomer},
    {Verb::kEndProductLife, "EndProductLife", standing::kNoPartner, standing::kNoCustomer},
    {Verb::kCreateServicePlan, "CreateServicePlan", standing::kActive, standing::kNoCustomer},
    {Verb::kUpdateServicePlan, "UpdateServicePlan", standing::kActive, standing::kNoCustomer},
    {Verb::kEnableServicePlan, "EnableServicePlan", standing::kActive, standing::kNoCustomer},
    {Verb::kDisableServicePlan, "DisableServicePlan", standing::kActive, standing::kNoCustomer},
    {Verb::kDeleteServicePlan, "DeleteServicePlan", standing::kActive, standing::kNoCustomer},
    {Verb::kApproveServicePlan, "ApproveServicePlan", standing::kActive, standing::kNoCustomer},
    {Verb::kAssignServicePlan, "AssignServicePlan", standing::kActive, standing::kEnabled},
    {Verb::kUpdateSubscription, "UpdateSubscription", standing::kActive, standing::kEnabled},
    {Verb::kChangeServicePlan, "ChangeServicePlan", standing::kActive, standing::kEnabled},
    {Verb::kRenewSubscription, "RenewSubscription", standing::kActive, standing::kEnabled},
    {Verb::kSuspendSubscription, "SuspendSubscription", standing::kActive, standing::kEnabled},
    {Verb::kUnsuspendSubscription, "UnsuspendSubscription", standing::kActive, standing::kEnabled},
    {Verb::kCancelSubscription, "CancelSubscription", standing::kActive, standing::kEnabled},
    {Verb::kApplyPlanUpdates, "ApplyPlanUpdates", standing::kActive, standing::kEnabled},
    {Verb::kBatchApplyPlanUpdates, "BatchApplyPlanUpdates", standing::kActive, standing::kNoCustomer},
    {Verb::kBatchUpdateSubscriptions, "BatchUpdateSubscriptions", standing::kActive, standing::kEnabled},
    {Verb::kCancelScheduledChange, "CancelScheduledChange", standing::kActive, standing::kEnabled},
    {Verb::kRevertChange, "RevertChange", standing::kActive, standing::kEnabled},
    {Verb::kActivateLicense, "ActivateLicense", standing::kNotCanceled, standing::kEnabled},
    {Verb::kDeleteUnbundledLicense, "DeleteUnbundledLicense", standing::kActive, standing::kEnabled},
    {Verb::kReportUsage, "ReportUsage", standing::kNotCanceled, standing::kNotDeleted},
    {Verb::kUpdateLicensePool, "UpdateLicensePool", standing::kActive, standing::kNoCustomer},
    {Verb::kAddLicensePoolUnits, "AddLicensePoolUnits", standing::kActive, standing::kNoCustomer},
    {Verb::kCreateRegistrationKey, "CreateRegistrationKey", standing::kActive, standing::kNoCustomer},
    {Verb::kUpdateRegistrationKey, "UpdateRegistrationKey", standing::kActive, standing::kNoCustomer},
    {Verb::kVoidRegistrationKey, "VoidRegistrationKey", standing::kActive, standing::kNoCustomer},
    {Verb::kRedeemRegistrationKey, "RedeemRegistrationKey", standing::kActive, standing::kEnabled},
    {Verb::kIssueLicenseToken, "IssueLicenseToken", standing::kActive, standing::kEnabled},
    {Verb::kCreateApiKey, "CreateApiKey", standing::kActive, standing::kEnabled},
    {Verb::kUpdateApiKey, "UpdateApiKey", standing::kActive, standing::kNoCustomer},
    // A key that leaked is taken back at once, whatever became of its partner.
    {Verb::kRevokeApiKey, "RevokeApiKey", standing::kNoPartner, standing::kNoCustomer},
};

// OK if the verb may be done in this state. Errors: FAILED_PRECONDITION with PARTNER_SUSPENDED, PARTNER_CANCELED,
// CUSTOMER_DISABLED or CUSTOMER_DELETED; WRONG_STATE if the verb itself changes that state.
absl::Status CheckStanding(Verb verb, const model::Partner& partner);
absl::Status CheckStanding(Verb verb, const model::Customer& customer);

// The state by which the table judges a customer: deleted; otherwise enabled or disabled.
absl::string_view StandingOf(const model::Customer& customer);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_STANDING_H_
