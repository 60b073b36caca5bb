#include "client/cli/hints.h"

#include <array>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/contract/typed_words.h"
#include "lmp/error.h"

namespace lmp::cli {
namespace {

struct Hint {
  v1::ErrorReason reason;
  absl::string_view text;
  // If set, only for commands that have this flag, or whose method ends with this text. The first hint that fits is
  // given.
  absl::string_view flag = "";
  absl::string_view method = "";
};

// What to do, by reason. Reasons that are missing here say it in their violations.
constexpr std::array kHints = {
    Hint{v1::DATE_OUT_OF_RANGE, "dates are days in UTC; an assignment may start 31 days back to 366 days ahead", "",
         "AssignServicePlan"},
    Hint{v1::DATE_OUT_OF_RANGE, "dates are days in UTC"},
    Hint{v1::CUSTOMER_HAS_LICENSES, "`lmp license list CUSTOMER` shows them; --force ends them with the customer"},
    Hint{v1::WRONG_STATE, "delete the customer first: 30 days after that it can be erased", "", "EraseCustomer"},
    Hint{v1::PARTNER_NOT_FOUND, "`lmp partner list` shows the partners"},
    Hint{v1::CUSTOMER_NOT_FOUND, "`lmp customer list` shows the customers"},
    Hint{v1::PRODUCT_NOT_FOUND, "`lmp product list` shows the products"},
    Hint{v1::SERVICE_PLAN_NOT_FOUND, "`lmp plan assignable CUSTOMER` shows the plans of the customer's partner"},
    Hint{v1::SUBSCRIPTION_NOT_FOUND, "`lmp subscription list CUSTOMER` shows the customer's subscriptions"},
    Hint{v1::LICENSE_NOT_FOUND, "`lmp license list CUSTOMER` shows the customer's licenses"},
    Hint{v1::PARTNER_EXISTS, "choose another ID, or `lmp partner get` the one there is"},
    Hint{v1::CUSTOMER_EXISTS, "choose another ID, or if it is yours, `lmp customer update` it"},
    Hint{v1::PRODUCT_EXISTS, "choose another ID, or `lmp product update` the one there is"},
    Hint{v1::SERVICE_PLAN_EXISTS, "choose another ID, or if it is yours, `lmp plan update` it"},
    Hint{v1::EXTERNAL_ID_TAKEN, "another customer of the partner has this --external-id: choose another",
         "external-id"},
    Hint{v1::PLAN_NAME_TAKEN, "another plan of the partner has this --display-name: choose another", "display-name"},
    Hint{v1::REQUEST_ID_REUSED, "another request was made with this --request-id: use a new one, or leave it out"},
    Hint{v1::CROSSGRADE_NOT_ALLOWED, "`lmp plan assignable CUSTOMER` shows what the customer can have"},
    Hint{v1::START_DATE_FORBIDDEN, "leave --start out: a crossgrade, and an NFR plan, start today", "start"},
    Hint{v1::START_DATE_FORBIDDEN, "leave the date out: a crossgrade, and an NFR plan, start today"},
    Hint{v1::CUSTOMER_DISABLED, "enable the customer first"},
    Hint{v1::CUSTOMER_DELETED, "undelete the customer first"},
    Hint{v1::PLAN_DISABLED, "enable the plan, or choose another: `lmp plan assignable CUSTOMER`"},
    Hint{v1::PLAN_LOCKED, "its suite changed: the partner must approve the plan, or choose another plan"},
    Hint{v1::PRODUCT_END_OF_SALE, "choose another plan: `lmp plan assignable CUSTOMER`"},
    Hint{v1::PRODUCT_END_OF_LIFE, "choose another plan: `lmp plan assignable CUSTOMER`"},
    Hint{v1::NFR_ALREADY_HELD, "a customer may have one NFR license of a product: choose another plan"},
    Hint{v1::NFR_SETTINGS_FIXED, "an NFR plan fixes units and start: leave --units and --start out", "start"},
    Hint{v1::NFR_SETTINGS_FIXED, "an NFR plan fixes units and dates: leave them out"},
    Hint{v1::TRIAL_REPEATED, "one trial of a product in 12 months: choose a full plan, or wait until the day named"},
    Hint{v1::REGISTRATION_KEY_STALE,
         "its plan changed: ask the partner for another key, or as the partner: lmp key update"},
    Hint{v1::TRIAL_AFTER_FULL, "a trial can't follow a full version: choose a full plan"},
    Hint{v1::POOL_EXHAUSTED, "add at least as many --units as are assigned already", "", "AddLicensePoolUnits"},
    Hint{v1::POOL_EXHAUSTED, "ask for fewer --units, or add some to the pool: `lmp pool add PARTNER/PRODUCT`", "units"},
    Hint{v1::POOL_EXHAUSTED, "add units to the partner's pool: `lmp pool add PARTNER/PRODUCT`"},
    Hint{v1::ERASURE_TOO_EARLY, "what is deleted can be undeleted for 30 days: erase it from the day named on"},
    Hint{v1::API_KEY_NOT_FOUND, "`lmp api-key list` shows the keys"},
    Hint{v1::UNAUTHENTICATED_NO_CREDENTIALS, "`lmp login` stores an API key for this server; or give --token-file"},
    Hint{v1::UNAUTHENTICATED_INVALID,
         "`lmp login` stores another key; who makes keys: `lmp api-key create`, or `lmp-server api-key create`"},
    Hint{v1::UNAUTHENTICATED_EXPIRED, "get a new one, and store it: `lmp login`"},
    Hint{v1::PERMISSION_DENIED, "`lmp whoami` shows who you are and what you may"},
    Hint{v1::RATE_LIMITED, "wait, and call more slowly"},
    Hint{v1::ISSUER_UNAVAILABLE, "try again; if it goes on, tell the operator"},
    Hint{v1::CHANGED_SINCE, "`lmp event list` shows what came later: take that back first, or update"},
    Hint{v1::PREVIEW_CHANGED, "look at what it would be now, with a new token: --dry-run -o json"},
    Hint{v1::ETAG_MISMATCH, "it was changed meanwhile: look at it again (`get`) and use its new --etag"},
    Hint{v1::TRANSACTION_CONFLICT, "nothing was changed: run the command again"},
    Hint{v1::DATABASE_UNAVAILABLE, "the server has no database at the moment: run the command again"},
    Hint{v1::OUTCOME_UNKNOWN,
         "it may have been done: run the command again with --request-id and the id in the message"},
    Hint{v1::CUSTOMER_FULL, "cancel some of the customer's licenses, or spread them over several customers"},
    Hint{v1::ANSWER_TOO_LARGE, "do it in parts: name some of the subscriptions, or fewer pairs"},
    Hint{v1::TOO_MANY_REVOKED_TOKENS, "ask for each customer's: `lmp license revocations CUSTOMER`"},
    Hint{v1::OVERLOADED, "nothing was changed: run the command again a little later"},
    Hint{v1::INTERNAL_FAILURE, "a fault in the server: tell its operator the log id"},
};

bool Fits(const Hint& hint, const Invocation& invocation) {
  if (!hint.flag.empty() && !HasFlag(invocation, hint.flag)) return false;
  return hint.method.empty() ||
         (invocation.command != nullptr && absl::EndsWith(invocation.command->method, hint.method));
}

std::string CrossgradeHint(const client::ErrorDetails& details) {
  std::vector<std::string> software;
  for (const auto& duplicate : details.duplicates) {
    if (duplicate.choices_size() > 1) software.push_back(duplicate.product());
  }
  constexpr absl::string_view kMoreUnits =
      ". It sets the units to those given: for more of what there is, `lmp subscription update`";
  if (software.empty()) {
    return absl::StrCat("add --crossgrade auto (services always move); --dry-run shows the effect", kMoreUnits);
  }
  return absl::StrCat("add --crossgrade auto, or --crossgrade PRODUCT=transfer|new for: ",
                      absl::StrJoin(software, ", "), "; --dry-run shows the effect", kMoreUnits);
}

}  // namespace

std::string HintFor(const Invocation& invocation, const absl::Status& status) {
  const client::ErrorDetails details = client::GetErrorDetails(status);
  if (details.reason == v1::ErrorReason_Name(v1::CROSSGRADE_REQUIRED)) return CrossgradeHint(details);
  for (const Hint& hint : kHints) {
    if (details.reason == v1::ErrorReason_Name(hint.reason) && Fits(hint, invocation)) return std::string(hint.text);
  }
  if (!details.reason.empty()) return "";
  if (absl::IsUnavailable(status)) {
    return "is the server running? --server HOST:PORT or LMP_SERVER says where it is; one that speaks TLS needs --tls "
           "or --tls-ca FILE, and one that asks for certificates --tls-cert and --tls-key";
  }
  if (absl::IsUnauthenticated(status)) return "give a token: --token-file FILE";
  return "";
}

}  // namespace lmp::cli
