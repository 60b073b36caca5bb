#include "client/cli/assign/customer_picker.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/contract/number.h"
#include "client/cli/contract/search_filter.h"
#include "client/cli/output/table.h"
#include "client/cli/status_macros.h"
#include "lmp/customer_client.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

// Together with the question, so many fill a screen of 24 lines.
constexpr int kCustomersOfAPage = 18;

}  // namespace

absl::StatusOr<v1::Customer> CustomerPicker::Pick() {
  request_.Clear();
  request_.set_page_size(kCustomersOfAPage);
  shown_.clear();
  prompter_.out() << "\n";
  RETURN_IF_ERROR(ShowPage());
  RETURN_IF_ERROR(prompter_.AskUntil("Customer (number, id, or part of its name):",
                                     [this](const std::string& answer) { return Take(answer); }));
  return picked_;
}

absl::StatusOr<v1::Customer> CustomerPicker::Get(const std::string& text) {
  v1::GetCustomerRequest get;
  get.set_name(client::CustomerName(text));
  return client::CustomerClient(session_.connection).GetCustomer(get, session_.Options());
}

absl::Status CustomerPicker::ShowPage() {
  ASSIGN_OR_RETURN(const v1::ListCustomersResponse page,
                   client::CustomerClient(session_.connection).ListCustomers(request_, session_.Options()));
  Table table({"#", "CUSTOMER", "NAME", "CITY"});
  for (const v1::Customer& customer : page.customers()) {
    shown_.push_back(customer);
    table.Add(
        {absl::StrCat(shown_.size()), customer.name(), Printable(customer.display_name()), Printable(customer.city())});
  }
  if (page.customers_size() > 0) table.Write(prompter_.out(), "", session_.console.width);
  has_more_ = !page.next_page_token().empty();
  request_.set_page_token(page.next_page_token());
  if (has_more_) prompter_.out() << "… and more: type + to see them, or a part of the name\n";
  return absl::OkStatus();
}

absl::Status CustomerPicker::Take(const std::string& answer) {
  if (answer.empty()) {
    return absl::InvalidArgumentError("type a number of the list, a customer's id, or a part of its name");
  }
  if (answer == "+") {
    if (!has_more_) return absl::NotFoundError("there are no more");
    RETURN_IF_ERROR(ShowPage());
    return AskAgain();
  }
  const absl::StatusOr<int32_t> number = ParseNumber(answer);
  if (number.ok() && *number >= 1 && *number <= std::ssize(shown_)) {
    picked_ = shown_[static_cast<size_t>(*number) - 1];
    return absl::OkStatus();
  }
  absl::StatusOr<v1::Customer> customer = Get(answer);
  if (!customer.ok()) return Search(answer);
  picked_ = *std::move(customer);
  return absl::OkStatus();
}

absl::Status CustomerPicker::Search(const std::string& text) {
  request_.set_filter(CustomersLike(text));
  request_.clear_page_token();
  shown_.clear();
  RETURN_IF_ERROR(ShowPage());
  if (shown_.empty()) return absl::NotFoundError(absl::StrCat("there is no customer with \"", text, "\""));
  return AskAgain();
}

}  // namespace lmp::cli
