#include "client/cli/assign/assign_dialog.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/assign/assign.h"
#include "client/cli/assign/assign_preview.h"
#include "client/cli/assign/customer_picker.h"
#include "client/cli/assign/plan_picker.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/contract/number.h"
#include "client/cli/error_report.h"
#include "client/cli/output/table.h"
#include "client/cli/prompter.h"
#include "client/cli/request/preview_token.h"
#include "client/cli/status_macros.h"
#include "lmp/error.h"
#include "lmp/licensing_client.h"
#include "lmp/pagination.h"

namespace lmp::cli {
namespace {

using Duplicate = v1::CrossgradeRequired::Duplicate;
using Plan = v1::AssignableServicePlan;
using Resolution = v1::Crossgrade::Resolution;

// The unit in words: "seats", "mailboxes", "encryption keys".
std::string UnitsName(v1::Product::Unit unit) {
  if (unit == v1::Product::UNIT_UNSPECIFIED) return "units";
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(v1::Product::Unit_Name(unit)), {{"_", " "}});
  return absl::StrCat(name, absl::EndsWith(name, "x") ? "es" : "s");
}

bool IsChoice(const Duplicate& duplicate, Resolution::Choice choice) {
  return std::count(duplicate.choices().begin(), duplicate.choices().end(), Resolution::Choice_Name(choice)) > 0;
}

// True if the server refused only a date: then the units that were given stay.
bool IsAboutDates(const absl::Status& status) {
  if (client::HasReason(status, v1::DATE_OUT_OF_RANGE)) return true;
  const client::ErrorDetails details = client::GetErrorDetails(status);
  return !details.field_violations.empty() &&
         std::all_of(details.field_violations.begin(), details.field_violations.end(),
                     [](const client::FieldViolation& v) { return absl::StrContains(v.field, "date"); });
}

class AssignDialog final {
 public:
  explicit AssignDialog(Session& session)
      : session_(session),
        licensing_(session.connection),
        prompter_(session.console.in, session.json() ? session.console.err : session.console.out) {}

  absl::Status Run() {
    Out() << "Assign a service plan to a customer. b goes back, q or Ctrl-D leaves; nothing is saved before the end.\n";
    prompter_.AllowBack();
    // The questions in their order. Going back leads to the last question that was really asked and not skipped.
    const std::vector<absl::Status (AssignDialog::*)()> steps = {
        &AssignDialog::ChooseCustomer, &AssignDialog::ChoosePlan, &AssignDialog::ResolveDuplicates,
        &AssignDialog::AskUnits,       &AssignDialog::AskStart,   &AssignDialog::PreviewAndSave};
    std::vector<size_t> asked;
    while (step_ < steps.size()) {
      const size_t step = step_++;
      is_asked_ = true;
      const absl::Status status = (this->*steps[step])();
      if (IsBack(status)) {
        step_ = asked.empty() ? step : asked.back();
        if (!asked.empty()) asked.pop_back();
      } else if (!status.ok()) {
        return status;
      } else if (is_asked_ && step_ == step + 1) {
        asked.push_back(step);
      }
    }
    return absl::OkStatus();
  }

  std::ostream& Out() { return prompter_.out(); }

 private:
  enum Step : size_t { kCustomer, kPlan, kDuplicates, kUnits, kStart, kPreview };

  absl::Status ChooseCustomer() {
    const std::string& given = session_.invocation.assign.customer;
    CustomerPicker picker(session_, prompter_);
    is_asked_ = given.empty();
    ASSIGN_OR_RETURN(const v1::Customer customer, given.empty() ? picker.Pick() : picker.Get(given));
    request_.Clear();
    units_.clear();
    request_.set_parent(customer.name());
    Out() << "\n" << Printable(customer.display_name()) << " (" << customer.name() << ")\n";
    return ShowLicenses();
  }

  absl::Status ShowLicenses() {
    v1::ListLicensesRequest list;
    list.set_parent(request_.parent());
    ASSIGN_OR_RETURN(const v1::ListLicensesResponse page, licensing_.ListLicenses(list, session_.Options()));
    licenses_ = page;
    if (page.licenses().empty()) {
      Out() << "It has no licenses.\n";
      return absl::OkStatus();
    }
    Table table({"PRODUCT", "UNITS", "", "EXPIRES", "STATE"});
    for (const v1::License& license : page.licenses()) {
      table.Add({license.product(), absl::StrCat(license.units()), UnitsName(license.unit()),
                 DateText(license.expiration_date()), v1::License::State_Name(license.state())});
    }
    Out() << "It has these licenses" << (page.next_page_token().empty() ? "" : ", and more") << ":\n";
    table.Write(Out(), "  ", session_.console.width);
    return absl::OkStatus();
  }

  absl::Status ChoosePlan() {
    v1::ListAssignableServicePlansRequest list;
    list.set_customer(request_.parent());
    list.set_page_size(1000);
    std::vector<Plan> plans;
    RETURN_IF_ERROR(client::ForEachPage(
        list, [this](const auto& page) { return licensing_.ListAssignableServicePlans(page, session_.Options()); },
        [&plans](const auto& page) {
          plans.insert(plans.end(), page.plans().begin(), page.plans().end());
          return client::Paging::kContinue;
        }));
    if (plans.empty()) {
      Out() << "Its partner offers no service plans: create one with `lmp plan create`.\n";
      return absl::CancelledError();
    }
    const std::string& given = session_.invocation.assign.plan;
    PlanPicker picker(prompter_, session_.console.width, std::move(plans));
    is_asked_ = given.empty();
    ASSIGN_OR_RETURN(plan_, given.empty() ? picker.Pick() : picker.Get(given));
    request_.set_service_plan(plan_.service_plan().name());
    return absl::OkStatus();
  }

  std::string ProductTitle(const std::string& name) const {
    for (const v1::Product& product : plan_.products()) {
      if (product.name() == name) return Printable(product.display_name());
    }
    return name;
  }

  absl::Status ResolveDuplicates() {
    request_.clear_crossgrade();
    is_asked_ = false;
    if (plan_.duplicates().empty()) return absl::OkStatus();
    Out() << "\nThe customer already has some of this plan's products:\n";
    v1::Crossgrade& crossgrade = *request_.mutable_crossgrade();
    crossgrade.set_mode(v1::Crossgrade::AUTOMATIC);
    for (const Duplicate& duplicate : plan_.duplicates()) {
      const std::string title = absl::StrCat(ProductTitle(duplicate.product()), " (", duplicate.license(), ")");
      if (!IsChoice(duplicate, Resolution::NEW_LICENSE)) {
        Out() << title << ": a service; its license moves to the new subscription.\n";
        continue;
      }
      is_asked_ = true;
      crossgrade.set_mode(v1::Crossgrade::EXPLICIT);
      RETURN_IF_ERROR(AskResolution(title, duplicate.product(), crossgrade));
    }
    return absl::OkStatus();
  }

  absl::Status AskResolution(const std::string& title, const std::string& product, v1::Crossgrade& crossgrade) {
    const std::string question = absl::StrCat(title, ": [t]ransfer this license, or a [n]ew one beside it? [t]");
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

  absl::Status AskUnits() {
    request_.clear_units();
    Out() << "\n";
    is_asked_ = !plan_.service_plan().nfr();
    if (!is_asked_) {
      Out() << "Not for resale: units and dates are fixed.\n";
      return absl::OkStatus();
    }
    for (int i = 0; i < plan_.products_size();) {
      const absl::Status status = AskUnits(plan_.products(i));
      if (IsBack(status) && i > 0) {
        request_.mutable_units()->RemoveLast();
        --i;
        continue;
      }
      RETURN_IF_ERROR(status);
      ++i;
    }
    return absl::OkStatus();
  }

  // The units that the customer has of a product that the plan also holds.
  std::optional<int32_t> CurrentUnits(const std::string& product) const {
    for (const Duplicate& duplicate : plan_.duplicates()) {
      for (const v1::License& license : licenses_.licenses()) {
        if (duplicate.product() == product && license.name() == duplicate.license()) return license.units();
      }
    }
    return std::nullopt;
  }

  absl::Status AskUnits(const v1::Product& product) {
    const std::string range = absl::StrCat(product.min_units(), " to ", product.max_units());
    const std::optional<int32_t> current = CurrentUnits(product.name());
    const auto before = units_.find(product.name());
    const std::optional<int32_t> fallback = before != units_.end() ? before->second : current;
    const std::string question = absl::StrCat(
        "Units of ", Printable(product.display_name()), " (", UnitsName(product.unit()), ", ", range,
        current ? absl::StrCat("; now ", *current) : "", "):", fallback ? absl::StrCat(" [", *fallback, "]") : "");
    return prompter_.AskUntil(question, [&](const std::string& answer) {
      ASSIGN_OR_RETURN(const int32_t n, answer.empty() && fallback ? *fallback : ParseNumber(answer));
      if (n < product.min_units() || n > product.max_units()) {
        return absl::OutOfRangeError(absl::StrCat("must be ", range));
      }
      v1::LicenseUnits& units = *request_.add_units();
      units.set_product(product.name());
      units.set_units(n);
      units_[product.name()] = n;
      return absl::OkStatus();
    });
  }

  // True if AssignServicePlanRequest.start_date allows a choice.
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

  absl::Status AskStart() {
    request_.clear_start_date();
    is_asked_ = MayChooseStart();
    if (!is_asked_) {
      if (!plan_.service_plan().nfr()) Out() << "It starts today, as every crossgrade.\n";
      return absl::OkStatus();
    }
    return prompter_.AskUntil("Start date, as 2027-01-01 [today]:", [&](const std::string& answer) {
      if (answer.empty() || absl::EqualsIgnoreCase(answer, "today")) return absl::OkStatus();
      ASSIGN_OR_RETURN(*request_.mutable_start_date(), ParseDate(answer));
      return absl::OkStatus();
    });
  }

  // What is saved is what was shown: if it has become something else meanwhile, that is shown, and asked for, too. The
  // server has the last word on the numbers: if it refuses them, the refusal is shown, and they are asked for again.
  absl::Status PreviewAndSave() {
    const absl::Status status = Preview();
    const bool other_numbers_may_help =
        absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) || client::HasReason(status, v1::POOL_EXHAUSTED);
    if (other_numbers_may_help) {
      DescribeError(session_, status, Out());
      step_ = IsAboutDates(status) && MayChooseStart() ? kStart : kUnits;
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(status);
    if (session_.invocation.global.dry_run) return absl::CancelledError();
    ASSIGN_OR_RETURN(const bool save, prompter_.Confirm("\nSave? [y/N]"));
    if (!save) return absl::CancelledError();
    const absl::Status saved = SendAssignment(session_, request_);
    if (!IsPreviewChanged(saved)) return saved;
    Out() << "\nThis changed since the preview.\n";
    step_ = kPreview;
    return absl::OkStatus();
  }

  absl::Status Preview() {
    v1::AssignServicePlanRequest preview = request_;
    preview.set_validate_only(true);
    SetPreviewToken(preview, "");
    ASSIGN_OR_RETURN(const auto response, licensing_.AssignServicePlan(preview, session_.Options()));
    SetPreviewToken(request_, PreviewTokenOf(response));
    Out() << "\nPreview:\n";
    RenderAssignPreview(response, session_.console.width, Out());
    if (!ShortensTerm(response) || request_.crossgrade().expiration() == v1::Crossgrade::KEEP_LATEST) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool keep, prompter_.Confirm("\nKeep the later expiration instead? [y/N]"));
    if (!keep) return absl::OkStatus();
    request_.mutable_crossgrade()->set_expiration(v1::Crossgrade::KEEP_LATEST);
    return Preview();
  }

  Session& session_;
  const client::LicensingClient licensing_;
  Prompter prompter_;
  // The next question, and whether the step before it asked one.
  size_t step_ = kCustomer;
  bool is_asked_ = false;
  v1::AssignServicePlanRequest request_;
  v1::ListLicensesResponse licenses_;
  Plan plan_;
  // The units that were given before, by product; they are offered when they are asked for again.
  std::map<std::string, int32_t> units_;
};

}  // namespace

absl::Status RunAssignDialog(Session& session) {
  AssignDialog dialog(session);
  absl::Status status = dialog.Run();
  // A CANCELLED of the server carries a reason; without one, a person has left the dialog.
  if (!absl::IsCancelled(status) || !client::GetErrorDetails(status).reason.empty()) return status;
  dialog.Out() << "Nothing was saved.\n";
  return absl::OkStatus();
}

}  // namespace lmp::cli
