#ifndef LMP_CLIENT_CLI_ASSIGN_CUSTOMER_PICKER_H_
#define LMP_CLIENT_CLI_ASSIGN_CUSTOMER_PICKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/prompter.h"
#include "client/cli/session.h"
#include "lmp/v1/customer_service.pb.h"

namespace lmp::cli {

// Lets a person choose a customer: from pages of a list, by a part of its name, or by its id.
class CustomerPicker final {
 public:
  CustomerPicker(Session& session, Prompter& prompter) : session_(session), prompter_(prompter) {}

  // CANCELLED and ABORTED as Prompter says; else the error of a list.
  absl::StatusOr<v1::Customer> Pick();
  // The customer with this id or name. NOT_FOUND.
  absl::StatusOr<v1::Customer> Get(const std::string& text);

 private:
  absl::Status ShowPage();
  absl::Status Take(const std::string& answer);
  absl::Status Search(const std::string& text);

  Session& session_;
  Prompter& prompter_;
  v1::ListCustomersRequest request_;
  // The customers shown, numbered from 1, of all pages of a list.
  std::vector<v1::Customer> shown_;
  bool has_more_ = false;
  v1::Customer picked_;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_CUSTOMER_PICKER_H_
