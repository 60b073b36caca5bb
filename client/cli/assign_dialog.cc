#include "client/cli/assign_dialog.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/assign.h"
#include "client/cli/assign_preview.h"
#include "client/cli/error_report.h"
#include "client/cli/field_text.h"
#include "client/cli/prompter.h"
#include "client/cli/render.h"
#include "client/cli/status_macros.h"
#include "client/cli/table.h"
#include "lmp/customer_client.h"
#include "lmp/error.h"
#include "lmp/licensing_client.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

using Duplicate = v1::CrossgradeRequired::Duplicate;
using Plan = v1::AssignableServicePlan;
using Resolution = v1::Crossgrade::Resolution;

constexpr int kCustomersOffered = 20;

// "seats", "mailboxes", "encryption keys".
std::string UnitsName(v1::Product::Unit unit) {
  if (unit == v1::Product::UNIT_UNSPECIFIED) return "units";
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(v1::Product::Unit_Name(unit)), {{"_", " "}});
  return absl::StrCat(name, absl::EndsWith(name, "x") ? "es" : "s");
}

bool IsChoice(const Duplicate& duplicate, Resolution::Choice choice) {
  return std::count(duplicate.choices().begin(), duplicate.choices().end(), Resolution::Choice_Name(choice)) > 0;
}

class AssignDialog final {
 public:
  explicit AssignDialog(Session& session)
      : session_(session),
        customers_(session.connection),
        licensing_(session.connection),
        prompter_(session.console.in, session.json() ? session.console.err : session.console.out) {}

  absl::Status Run() {
    Out() << "Assign a service plan to a customer. Leave with q or Ctrl-D; nothing is saved before the end.\n";
    RETURN_IF_ERROR(ChooseCustomer());
    RETURN_IF_ERROR(ShowLicenses());
    RETURN_IF_ERROR(ChoosePlan());
    RETURN_IF_ERROR(ResolveDuplicates());
    RETURN_IF_ERROR(AskNumbersUntilPreview());
    if (session_.invocation.global.dry_run) return absl::CancelledError();
    ASSIGN_OR_RETURN(const bool save, prompter_.Confirm("\nSave? [y/N]"));
    if (!save) return absl::CancelledError();
    return SendAssignment(session_, request_);
  }

  std::ostream& Out() { return prompter_.out(); }

 private:
  absl::Status ChooseCustomer() {
    const std::string& given = session_.invocation.assign.customer;
    if (!given.empty()) return TakeCustomer(given);
    v1::ListCustomersRequest list;
    list.set_page_size(kCustomersOffered);
    ASSIGN_OR_RETURN(const v1::ListCustomersResponse page, customers_.ListCustomers(list, session_.Options()));
    Table table({"#", "CUSTOMER", "NAME", "CITY"});
    for (const v1::Customer& customer : page.customers()) {
      table.Add({absl::StrCat(table.size()), customer.name(), Printable(customer.display_name()),
                 Printable(customer.city())});
    }
    Out() << "\n";
    table.Write(Out());
    if (!page.next_page_token().empty()) Out() << "… and more: type the id of one\n";
    return prompter_.AskUntil("Customer (number or id):", [&](const std::string& answer) {
      int32_t n = 0;
      const bool is_listed = absl::SimpleAtoi(answer, &n) && n >= 1 && n <= page.customers_size();
      return TakeCustomer(is_listed ? page.customers(n - 1).name() : answer);
    });
  }

  absl::Status TakeCustomer(const std::string& text) {
    if (text.empty()) return absl::InvalidArgumentError("type a number of the list, or a customer's id");
    v1::GetCustomerRequest get;
    get.set_name(client::CustomerName(text));
    ASSIGN_OR_RETURN(const v1::Customer customer, customers_.GetCustomer(get, session_.Options()));
    request_.set_parent(customer.name());
    Out() << "\n" << Printable(customer.display_name()) << " (" << customer.name() << ")\n";
    return absl::OkStatus();
  }

  absl::Status ShowLicenses() {
    v1::ListLicensesRequest list;
    list.set_parent(request_.parent());
    ASSIGN_OR_RETURN(const v1::ListLicensesResponse page, licensing_.ListLicenses(list, session_.Options()));
    if (page.licenses().empty()) {
      Out() << "It has no licences.\n";
      return absl::OkStatus();
    }
    Table table({"PRODUCT", "UNITS", "", "EXPIRATION", "STATE"});
    for (const v1::License& license : page.licenses()) {
      table.Add({license.product(), absl::StrCat(license.units()), UnitsName(license.unit()),
                 DateText(license.expiration_date()), v1::License::State_Name(license.state())});
    }
    Out() << "It has these licences" << (page.next_page_token().empty() ? "" : ", and more") << ":\n";
    table.Write(Out(), "  ");
    return absl::OkStatus();
  }

  absl::Status ChoosePlan() {
    v1::ListAssignableServicePlansRequest list;
    list.set_customer(request_.parent());
    ASSIGN_OR_RETURN(const auto response, licensing_.ListAssignableServicePlans(list, session_.Options()));
    if (response.plans().empty()) {
      Out() << "Its partner offers no service plans: create one with `lmp plan create`.\n";
      return absl::CancelledError();
    }
    Table table({"#", "PLAN", "NAME", "MONTHS", ""});
    for (const Plan& plan : response.plans()) {
      table.Add({absl::StrCat(table.size()), plan.service_plan().name(), Printable(plan.service_plan().display_name()),
                 absl::StrCat(plan.service_plan().initial_term_months()), Remark(plan)});
    }
    Out() << "\n";
    table.Write(Out());
    return prompter_.AskUntil("Plan (number or id):", [&](const std::string& answer) {
      int32_t n = 0;
      const bool is_number = absl::SimpleAtoi(answer, &n) && n >= 1 && n <= response.plans_size();
      const std::string name = client::ServicePlanName(answer);
      const auto plan = is_number ? response.plans().begin() + n - 1
                                  : std::find_if(response.plans().begin(), response.plans().end(),
                                                 [&](const Plan& p) { return p.service_plan().name() == name; });
      if (plan == response.plans().end()) return absl::NotFoundError("type a number of the list, or a plan's id");
      return TakePlan(*plan);
    });
  }

  static std::string Remark(const Plan& plan) {
    if (plan.assignability() == Plan::NOT_ASSIGNABLE) return absl::StrCat("no: ", Printable(plan.explanation()));
    return plan.assignability() == Plan::CROSSGRADE_REQUIRED ? "crossgrade: the customer has some of it" : "";
  }

  absl::Status TakePlan(const Plan& plan) {
    if (plan.assignability() == Plan::NOT_ASSIGNABLE) {
      return absl::FailedPreconditionError(
          absl::StrCat(plan.service_plan().name(), " can't be assigned: ", plan.explanation()));
    }
    plan_ = plan;
    request_.set_service_plan(plan.service_plan().name());
    return absl::OkStatus();
  }

  std::string ProductTitle(const std::string& name) const {
    for (const v1::Product& product : plan_.products()) {
      if (product.name() == name) return Printable(product.display_name());
    }
    return name;
  }

  absl::Status ResolveDuplicates() {
    if (plan_.duplicates().empty()) return absl::OkStatus();
    Out() << "\nThe customer already has some of this plan's products:\n";
    v1::Crossgrade& crossgrade = *request_.mutable_crossgrade();
    crossgrade.set_mode(v1::Crossgrade::AUTOMATIC);
    for (const Duplicate& duplicate : plan_.duplicates()) {
      const std::string title = absl::StrCat(ProductTitle(duplicate.product()), " (", duplicate.license(), ")");
      if (!IsChoice(duplicate, Resolution::NEW_LICENSE)) {
        Out() << title << ": a service; its licence moves to the new subscription.\n";
        continue;
      }
      crossgrade.set_mode(v1::Crossgrade::EXPLICIT);
      RETURN_IF_ERROR(AskResolution(title, duplicate.product(), crossgrade));
    }
    return absl::OkStatus();
  }

  absl::Status AskResolution(const std::string& title, const std::string& product, v1::Crossgrade& crossgrade) {
    const std::string question = absl::StrCat(title, ": [t]ransfer this licence, or a [n]ew one beside it? [t]");
    return prompter_.AskUntil(question, [&](const std::string& answer) {
      const std::string choice = absl::AsciiStrToLower(answer);
      const bool is_new = choice == "n" || choice == "new";
      if (!is_new && !choice.empty() && choice != "t" && choice != "transfer") {
        return absl::InvalidArgumentError("type t or n");
      }
      Resolution& resolution = *crossgrade.add_resolutions();
      resolution.set_product(product);
      resolution.set_choice(is_new ? Resolution::NEW_LICENSE : Resolution::TRANSFER);
      return absl::OkStatus();
    });
  }

  // The server has the last word on the numbers: what it does not like is shown, and they are asked for again.
  absl::Status AskNumbersUntilPreview() {
    for (;;) {
      RETURN_IF_ERROR(AskUnits());
      RETURN_IF_ERROR(AskStartDate());
      const absl::Status status = Preview();
      const bool other_numbers_may_help = absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) ||
                                          client::HasReason(status, v1::POOL_EXHAUSTED);
      if (!other_numbers_may_help) return status;
      DescribeError(status, Out());
    }
  }

  absl::Status AskUnits() {
    request_.clear_units();
    Out() << "\n";
    if (plan_.service_plan().nfr()) {
      Out() << "Not for resale: units and dates are fixed.\n";
      return absl::OkStatus();
    }
    for (const v1::Product& product : plan_.products()) {
      RETURN_IF_ERROR(AskUnits(product));
    }
    return absl::OkStatus();
  }

  absl::Status AskUnits(const v1::Product& product) {
    const std::string range = absl::StrCat(product.min_units(), " to ", product.max_units());
    const std::string question = absl::StrCat("Units of ", Printable(product.display_name()), " (",
                                              UnitsName(product.unit()), ", ", range, "):");
    return prompter_.AskUntil(question, [&](const std::string& answer) {
      int32_t n = 0;
      if (!absl::SimpleAtoi(answer, &n)) return absl::InvalidArgumentError("type a whole number");
      if (n < product.min_units() || n > product.max_units()) {
        return absl::OutOfRangeError(absl::StrCat("must be ", range));
      }
      v1::LicenseUnits& units = *request_.add_units();
      units.set_product(product.name());
      units.set_units(n);
      return absl::OkStatus();
    });
  }

  // As AssignServicePlanRequest.start_date says.
  bool MayChooseStart() const {
    if (plan_.service_plan().nfr()) return false;
    if (plan_.duplicates().empty()) return true;
    const auto& products = plan_.products();
    const auto& resolutions = request_.crossgrade().resolutions();
    return std::all_of(products.begin(), products.end(),
                       [](const v1::Product& product) { return product.kind() == v1::Product::SOFTWARE; }) &&
           std::all_of(resolutions.begin(), resolutions.end(),
                       [](const Resolution& r) { return r.choice() == Resolution::NEW_LICENSE; });
  }

  absl::Status AskStartDate() {
    request_.clear_start_date();
    if (!MayChooseStart()) {
      if (!plan_.service_plan().nfr()) Out() << "It starts today, as every crossgrade.\n";
      return absl::OkStatus();
    }
    return prompter_.AskUntil("Start date, as 2027-01-01 [today]:", [&](const std::string& answer) {
      if (answer.empty() || absl::EqualsIgnoreCase(answer, "today")) return absl::OkStatus();
      ASSIGN_OR_RETURN(*request_.mutable_start_date(), ParseDate(answer));
      return absl::OkStatus();
    });
  }

  absl::Status Preview() {
    v1::AssignServicePlanRequest preview = request_;
    preview.set_validate_only(true);
    ASSIGN_OR_RETURN(const auto response, licensing_.AssignServicePlan(preview, session_.Options()));
    Out() << "\nPreview:\n";
    RenderAssignPreview(response, Out());
    if (!ShortensTerm(response) || request_.crossgrade().expiration() == v1::Crossgrade::KEEP_LATEST) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool keep, prompter_.Confirm("\nKeep the later expiration instead? [y/N]"));
    if (!keep) return absl::OkStatus();
    request_.mutable_crossgrade()->set_expiration(v1::Crossgrade::KEEP_LATEST);
    return Preview();
  }

  Session& session_;
  const client::CustomerClient customers_;
  const client::LicensingClient licensing_;
  Prompter prompter_;
  v1::AssignServicePlanRequest request_;
  Plan plan_;
};

}  // namespace

absl::Status RunAssignDialog(Session& session) {
  AssignDialog dialog(session);
  absl::Status status = dialog.Run();
  // The server's CANCELLED carries a reason; ours is a person who left.
  if (!absl::IsCancelled(status) || !client::GetErrorDetails(status).reason.empty()) return status;
  dialog.Out() << "Nothing was saved.\n";
  return absl::OkStatus();
}

}  // namespace lmp::cli
