#ifndef LMP_CLIENT_CLI_ASSIGN_PLAN_PICKER_H_
#define LMP_CLIENT_CLI_ASSIGN_PLAN_PICKER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/prompter.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {

// Lets a person choose one of the plans of a customer's partner: from a list, a screen at a time, by a part of the
// plan's name, or by its id.
class PlanPicker final {
 public:
  PlanPicker(Prompter& prompter, size_t width, std::vector<v1::AssignableServicePlan> plans)
      : prompter_(prompter), width_(width), plans_(std::move(plans)), listed_(plans_) {}

  // Returns a plan that can be assigned. Errors: CANCELLED and ABORTED as for Prompter.
  absl::StatusOr<v1::AssignableServicePlan> Pick();
  // Returns the plan with this id or name. Errors: NOT_FOUND if there is none, FAILED_PRECONDITION if it can't be
  // assigned.
  absl::StatusOr<v1::AssignableServicePlan> Get(const std::string& text) const;

 private:
  void ShowMore();
  absl::Status Take(const std::string& answer);
  absl::Status Search(const std::string& text);

  Prompter& prompter_;
  const size_t width_;
  const std::vector<v1::AssignableServicePlan> plans_;
  // The plans that are being looked through: all, or those found by a search. The first `shown_` of them have been
  // shown.
  std::vector<v1::AssignableServicePlan> listed_;
  size_t shown_ = 0;
  v1::AssignableServicePlan picked_;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_PLAN_PICKER_H_
