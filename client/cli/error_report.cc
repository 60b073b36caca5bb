#include "client/cli/error_report.h"

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command_line.h"
#include "client/cli/render.h"
#include "client/cli/table.h"
#include "lmp/error.h"

namespace lmp::cli {
namespace {

struct Hint {
  v1::ErrorReason reason;
  absl::string_view text;
};

// What to do, reason by reason. Those that are not here say it in their violations.
constexpr std::array kHints = {
    Hint{v1::DATE_OUT_OF_RANGE, "dates are days in UTC; an assignment may start 31 days back to 366 days ahead"},
    Hint{v1::PARTNER_NOT_FOUND, "`lmp partner list` shows the partners"},
    Hint{v1::CUSTOMER_NOT_FOUND, "`lmp customer list` shows the customers"},
    Hint{v1::PRODUCT_NOT_FOUND, "`lmp product list` shows the products"},
    Hint{v1::SERVICE_PLAN_NOT_FOUND, "`lmp plan assignable CUSTOMER` shows the plans of the customer's partner"},
    Hint{v1::SUBSCRIPTION_NOT_FOUND, "`lmp subscription list CUSTOMER` shows the customer's subscriptions"},
    Hint{v1::LICENSE_NOT_FOUND, "`lmp license list CUSTOMER` shows the customer's licences"},
    Hint{v1::PARTNER_EXISTS, "choose another ID, or `lmp partner get` the one there is"},
    Hint{v1::CUSTOMER_EXISTS, "choose another ID, or `lmp customer update` the one there is"},
    Hint{v1::PRODUCT_EXISTS, "choose another ID, or `lmp product update` the one there is"},
    Hint{v1::SERVICE_PLAN_EXISTS, "choose another ID, or `lmp plan update` the one there is"},
    Hint{v1::EXTERNAL_ID_TAKEN, "another customer of the partner has this --external-id: choose another"},
    Hint{v1::PLAN_NAME_TAKEN, "another plan of the partner has this --display-name: choose another"},
    Hint{v1::REQUEST_ID_REUSED, "another request was made with this --request-id: use a new one, or leave it out"},
    Hint{v1::CROSSGRADE_NOT_ALLOWED, "`lmp plan assignable CUSTOMER` shows what the customer can have"},
    Hint{v1::START_DATE_FORBIDDEN, "leave --start out: a crossgrade, and an NFR plan, start today"},
    Hint{v1::CUSTOMER_DISABLED, "enable the customer first"},
    Hint{v1::CUSTOMER_DELETED, "undelete the customer first"},
    Hint{v1::PLAN_DISABLED, "enable the plan, or choose another: `lmp plan assignable CUSTOMER`"},
    Hint{v1::PLAN_LOCKED, "its suite changed: the partner must approve the plan, or choose another plan"},
    Hint{v1::PRODUCT_END_OF_SALE, "choose another plan: `lmp plan assignable CUSTOMER`"},
    Hint{v1::PRODUCT_END_OF_LIFE, "choose another plan: `lmp plan assignable CUSTOMER`"},
    Hint{v1::NFR_ALREADY_HELD, "a customer may have one NFR licence of a product: choose another plan"},
    Hint{v1::NFR_SETTINGS_FIXED, "an NFR plan fixes units and start: leave --units and --start out"},
    Hint{v1::TRIAL_AFTER_FULL, "a trial can't follow a full version: choose a full plan"},
    Hint{v1::POOL_EXHAUSTED, "ask for fewer --units, or add units to the partner's pool"},
    Hint{v1::ETAG_MISMATCH, "it was changed meanwhile: look at it again (`get`) and use its new --etag"},
    Hint{v1::TRANSACTION_CONFLICT, "nothing was changed: run the command again"},
    Hint{v1::DATABASE_UNAVAILABLE, "the server has no database at the moment: run the command again"},
    Hint{v1::OVERLOADED, "nothing was changed: run the command again a little later"},
    Hint{v1::INTERNAL_FAILURE, "a fault in the server: tell its operator the log id"},
};

std::string CrossgradeHint(const client::ErrorDetails& details) {
  std::vector<std::string> software;
  for (const auto& duplicate : details.duplicates) {
    if (duplicate.choices_size() > 1) software.push_back(duplicate.product());
  }
  if (software.empty()) return "add --crossgrade auto (services always move); --dry-run shows the effect";
  return absl::StrCat("add --crossgrade auto, or --crossgrade PRODUCT=transfer|new for: ",
                      absl::StrJoin(software, ", "), "; --dry-run shows the effect");
}

std::string HintFor(const absl::Status& status, const client::ErrorDetails& details) {
  if (details.reason == v1::ErrorReason_Name(v1::CROSSGRADE_REQUIRED)) return CrossgradeHint(details);
  for (const Hint& hint : kHints) {
    if (details.reason == v1::ErrorReason_Name(hint.reason)) return std::string(hint.text);
  }
  if (!details.reason.empty()) return "";
  if (absl::IsUnavailable(status)) return "is the server running? --server HOST:PORT or LMP_SERVER says where it is";
  if (absl::IsUnauthenticated(status)) return "give a token: --token-file FILE";
  return "";
}

void DescribeDetails(const absl::Status& status, const client::ErrorDetails& details, std::ostream& out) {
  for (const auto& v : details.field_violations) {
    out << "  " << Printable(v.field) << ": " << Printable(v.description) << "\n";
  }
  for (const auto& v : details.preconditions) {
    if (v.description == status.message()) continue;  // the only violation is the message
    out << "  " << Printable(v.subject) << ": " << Printable(v.description) << "\n";
  }
  for (const auto& duplicate : details.duplicates) {
    out << "  duplicate " << duplicate.product() << ": " << duplicate.license() << " of "
        << (duplicate.subscription().empty() ? "no subscription (unbundled)" : duplicate.subscription())
        << "; choices: " << absl::StrJoin(duplicate.choices(), ", ") << "\n";
  }
  for (const auto& [key, value] : details.metadata) out << "  " << Printable(key) << ": " << Printable(value) << "\n";
  if (!details.log_id.empty()) out << "  log id: " << details.log_id << "\n";
}

// Whether the change may have been made although the answer did not come.
bool IsUnknownOutcome(const Session& session, const absl::Status& status) {
  return !session.info.request_id.empty() && !session.invocation.global.dry_run &&
         (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status));
}

}  // namespace

void DescribeError(const absl::Status& status, std::ostream& out) {
  const client::ErrorDetails details = client::GetErrorDetails(status);
  const std::string code = absl::StatusCodeToString(status.code());
  out << "error: " << (details.reason.empty() ? code : absl::StrCat(details.reason, " (", code, ")")) << ": "
      << Printable(status.message()) << "\n";
  DescribeDetails(status, details, out);
  if (const std::string hint = HintFor(status, details); !hint.empty()) out << "hint: " << hint << "\n";
}

int ReportError(const Session& session, const absl::Status& status) {
  std::ostream& err = session.console.err;
  if (IsUsageError(status)) {
    err << "error: " << status.message() << "\n";
    return kUsageExitCode;
  }
  if (session.json()) {
    err << ToJson(client::ToRpcStatus(status)) << "\n";
    return status.raw_code();
  }
  DescribeError(status, err);
  if (IsUnknownOutcome(session, status)) {
    err << "It is not known whether the change was made. The same command with --request-id "
        << session.info.request_id << " makes it once, or shows that it was made.\n";
  }
  return status.raw_code();
}

}  // namespace lmp::cli
