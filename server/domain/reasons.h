// The reasons for which a decision can be refused. They are the names of lmp.v1.ErrorReason, which documents them; a
// test compares both.
#ifndef LMP_SERVER_DOMAIN_REASONS_H_
#define LMP_SERVER_DOMAIN_REASONS_H_

namespace lmp::domain::reason {

inline constexpr char kInvalidFields[] = "INVALID_FIELDS";
inline constexpr char kDateOutOfRange[] = "DATE_OUT_OF_RANGE";
inline constexpr char kResumeTokenGone[] = "RESUME_TOKEN_GONE";

inline constexpr char kPartnerNotFound[] = "PARTNER_NOT_FOUND";
inline constexpr char kCustomerNotFound[] = "CUSTOMER_NOT_FOUND";
inline constexpr char kProductNotFound[] = "PRODUCT_NOT_FOUND";
inline constexpr char kServicePlanNotFound[] = "SERVICE_PLAN_NOT_FOUND";
inline constexpr char kSubscriptionNotFound[] = "SUBSCRIPTION_NOT_FOUND";
inline constexpr char kLicenseNotFound[] = "LICENSE_NOT_FOUND";
inline constexpr char kScheduledChangeNotFound[] = "SCHEDULED_CHANGE_NOT_FOUND";
inline constexpr char kPoolNotFound[] = "LICENSE_POOL_NOT_FOUND";
inline constexpr char kRegistrationKeyNotFound[] = "REGISTRATION_KEY_NOT_FOUND";
inline constexpr char kApiKeyNotFound[] = "API_KEY_NOT_FOUND";
inline constexpr char kEventNotFound[] = "EVENT_NOT_FOUND";

inline constexpr char kPartnerExists[] = "PARTNER_EXISTS";
inline constexpr char kCustomerExists[] = "CUSTOMER_EXISTS";
inline constexpr char kProductExists[] = "PRODUCT_EXISTS";
inline constexpr char kServicePlanExists[] = "SERVICE_PLAN_EXISTS";
inline constexpr char kExternalIdTaken[] = "EXTERNAL_ID_TAKEN";
inline constexpr char kPlanNameTaken[] = "PLAN_NAME_TAKEN";

inline constexpr char kCrossgradeRequired[] = "CROSSGRADE_REQUIRED";
inline constexpr char kCrossgradeNotAllowed[] = "CROSSGRADE_NOT_ALLOWED";
inline constexpr char kStartDateForbidden[] = "START_DATE_FORBIDDEN";
inline constexpr char kPartnerSuspended[] = "PARTNER_SUSPENDED";
inline constexpr char kPartnerCanceled[] = "PARTNER_CANCELED";
inline constexpr char kCustomerDisabled[] = "CUSTOMER_DISABLED";
inline constexpr char kCustomerDeleted[] = "CUSTOMER_DELETED";
inline constexpr char kPlanDisabled[] = "PLAN_DISABLED";
inline constexpr char kPlanLocked[] = "PLAN_LOCKED";
inline constexpr char kProductEndOfSale[] = "PRODUCT_END_OF_SALE";
inline constexpr char kProductEndOfLife[] = "PRODUCT_END_OF_LIFE";
inline constexpr char kNfrAlreadyHeld[] = "NFR_ALREADY_HELD";
inline constexpr char kNfrNotAllowed[] = "NFR_NOT_ALLOWED";
inline constexpr char kNfrSettingsFixed[] = "NFR_SETTINGS_FIXED";
inline constexpr char kTrialAfterFull[] = "TRIAL_AFTER_FULL";
inline constexpr char kTrialRepeated[] = "TRIAL_REPEATED";
inline constexpr char kWrongState[] = "WRONG_STATE";
inline constexpr char kTrialFixed[] = "TRIAL_FIXED";
inline constexpr char kPlanUpdatesPending[] = "PLAN_UPDATES_PENDING";
inline constexpr char kAutoRenewalOff[] = "AUTO_RENEWAL_OFF";
inline constexpr char kSubscriptionEnded[] = "SUBSCRIPTION_ENDED";
inline constexpr char kPlanNotALevel[] = "PLAN_NOT_A_LEVEL";
inline constexpr char kCustomerHasLicenses[] = "CUSTOMER_HAS_LICENSES";
inline constexpr char kErasureTooEarly[] = "ERASURE_TOO_EARLY";
inline constexpr char kLicenseNotUnbundled[] = "LICENSE_NOT_UNBUNDLED";
inline constexpr char kPoolExhausted[] = "POOL_EXHAUSTED";
inline constexpr char kPlanUpToDate[] = "PLAN_UP_TO_DATE";
inline constexpr char kRegistrationKeyStale[] = "REGISTRATION_KEY_STALE";
inline constexpr char kTokenKeyMissing[] = "TOKEN_KEY_MISSING";
inline constexpr char kTooManyRevokedTokens[] = "TOO_MANY_REVOKED_TOKENS";
inline constexpr char kCustomerFull[] = "CUSTOMER_FULL";
inline constexpr char kAnswerTooLarge[] = "ANSWER_TOO_LARGE";
inline constexpr char kNotRevertible[] = "NOT_REVERTIBLE";

inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";
inline constexpr char kChangedSince[] = "CHANGED_SINCE";
inline constexpr char kPreviewChanged[] = "PREVIEW_CHANGED";

// Reasons of the call and the server, not of a rule.
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kMalformedRequest[] = "MALFORMED_REQUEST";
inline constexpr char kDatabaseUnavailable[] = "DATABASE_UNAVAILABLE";
inline constexpr char kDatabaseReadOnly[] = "DATABASE_READ_ONLY";
inline constexpr char kTransactionConflict[] = "TRANSACTION_CONFLICT";
inline constexpr char kDeadlinePassed[] = "DEADLINE_PASSED";
inline constexpr char kCallCanceled[] = "CALL_CANCELLED";
inline constexpr char kOutcomeUnknown[] = "OUTCOME_UNKNOWN";
inline constexpr char kTooLargeForDatabase[] = "TOO_LARGE_FOR_DATABASE";
inline constexpr char kOverloaded[] = "OVERLOADED";
inline constexpr char kNoCredentials[] = "UNAUTHENTICATED_NO_CREDENTIALS";
inline constexpr char kInvalidCredentials[] = "UNAUTHENTICATED_INVALID";
inline constexpr char kExpiredCredentials[] = "UNAUTHENTICATED_EXPIRED";
inline constexpr char kIssuerUnavailable[] = "ISSUER_UNAVAILABLE";
inline constexpr char kPermissionDenied[] = "PERMISSION_DENIED";
inline constexpr char kRateLimited[] = "RATE_LIMITED";
inline constexpr char kWatchEnded[] = "WATCH_ENDED";
inline constexpr char kShuttingDown[] = "SHUTTING_DOWN";
inline constexpr char kInternalFailure[] = "INTERNAL_FAILURE";

}  // namespace lmp::domain::reason

#endif  // LMP_SERVER_DOMAIN_REASONS_H_
