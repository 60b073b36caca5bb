#include "client/cli/assign/plan_picker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/contract/number.h"
#include "client/cli/output/table.h"
#include "client/cli/status_macros.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

using Plan = v1::AssignableServicePlan;

// Together with the question, so many fill a screen of 24 lines.
constexpr size_t kPlansOfAPage = 18;

std::string Remark(const Plan& plan) {
  if (plan.assignability() == Plan::NOT_ASSIGNABLE) return absl::StrCat("no: ", Printable(plan.explanation()));
  return plan.assignability() == Plan::CROSSGRADE_REQUIRED ? "crossgrade: the customer has some of it" : "";
}

absl::StatusOr<Plan> Assignable(const Plan& plan) {
  if (plan.assignability() != Plan::NOT_ASSIGNABLE) return plan;
  return absl::FailedPreconditionError(
      absl::StrCat(plan.service_plan().name(), " can't be assigned: ", plan.explanation()));
}

}  // namespace

absl::StatusOr<Plan> PlanPicker::Pick() {
  listed_ = plans_;
  shown_ = 0;
  prompter_.out() << "\n";
  ShowMore();
  RETURN_IF_ERROR(prompter_.AskUntil("Plan (number, id, or part of its name):",
                                     [this](const std::string& answer) { return Take(answer); }));
  return picked_;
}

absl::StatusOr<Plan> PlanPicker::Get(const std::string& text) const {
  const std::string name = client::ServicePlanName(text);
  const auto plan =
      std::find_if(plans_.begin(), plans_.end(), [&](const Plan& p) { return p.service_plan().name() == name; });
  if (plan == plans_.end()) return absl::NotFoundError(absl::StrCat("the customer's partner has no plan ", name));
  return Assignable(*plan);
}

void PlanPicker::ShowMore() {
  Table table({"#", "PLAN", "NAME", "MONTHS", ""});
  const size_t end = std::min(shown_ + kPlansOfAPage, listed_.size());
  for (; shown_ < end; ++shown_) {
    const Plan& plan = listed_[shown_];
    table.Add({absl::StrCat(shown_ + 1), plan.service_plan().name(), Printable(plan.service_plan().display_name()),
               absl::StrCat(plan.service_plan().initial_term_months()), Remark(plan)});
  }
  table.Write(prompter_.out(), "", width_);
  if (shown_ < listed_.size()) prompter_.out() << "… and more: type + to see them, or a part of the name\n";
}

absl::Status PlanPicker::Take(const std::string& answer) {
  if (answer.empty()) {
    return absl::InvalidArgumentError("type a number of the list, a plan's id, or a part of its name");
  }
  if (answer == "+") {
    if (shown_ == listed_.size()) return absl::NotFoundError("there are no more");
    ShowMore();
    return AskAgain();
  }
  const absl::StatusOr<int32_t> number = ParseNumber(answer);
  const bool is_listed = number.ok() && *number >= 1 && *number <= std::ssize(listed_);
  absl::StatusOr<Plan> plan = is_listed ? Assignable(listed_[static_cast<size_t>(*number) - 1]) : Get(answer);
  if (absl::IsNotFound(plan.status())) return Search(answer);
  RETURN_IF_ERROR(plan.status());
  picked_ = *std::move(plan);
  return absl::OkStatus();
}

absl::Status PlanPicker::Search(const std::string& text) {
  const std::string wanted = absl::AsciiStrToLower(text);
  std::vector<Plan> found;
  std::copy_if(plans_.begin(), plans_.end(), std::back_inserter(found), [&](const Plan& plan) {
    const std::string all = absl::StrCat(plan.service_plan().name(), "\n", plan.service_plan().display_name());
    return absl::StrContains(absl::AsciiStrToLower(all), wanted);
  });
  if (found.empty()) return absl::NotFoundError(absl::StrCat("there is no plan with \"", text, "\""));
  listed_ = std::move(found);
  shown_ = 0;
  ShowMore();
  return AskAgain();
}

}  // namespace lmp::cli
