#ifndef LMP_CLIENT_CLI_ASSIGN_CUSTOMER_PICKER_H_
#define LMP_CLIENT_CLI_ASSIGN_CUSTOMER_PICKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/prompter.h"
#include "client/cli/session.h"
#include "lmp/v1/customer_service.pb.h"

namespace lmp::cli {

// Lets a person choose a customer: from pages of a list, by a part of the name, or by the id.
class CustomerPicker final {
 public:
  CustomerPicker(Session& session, Prompter& prompter) : session_(session), prompter_(prompter) {}

  // Errors: CANCELLED and ABORTED as for Prompter; those of the list call.
  absl::StatusOr<v1::Customer> Pick();
  // The customer with this id or name. Errors: NOT_FOUND.
  absl::StatusOr<v1::Customer> Get(const std::string& text);

 private:
  absl::Status ShowPage();
  absl::Status Take(const std::string& answer);
  absl::Status Search(const std::string& text);

  Session& session_;
  Prompter& prompter_;
  v1::ListCustomersRequest request_;
  // The customers that were shown, from all pages of a list; people choose them by number, from 1.
  std::vector<v1::Customer> shown_;
  bool has_more_ = false;
  v1::Customer picked_;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_CUSTOMER_PICKER_H_
