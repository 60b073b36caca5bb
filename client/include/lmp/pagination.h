#ifndef LMP_PAGINATION_H_
#define LMP_PAGINATION_H_

#include <utility>

#include "absl/status/status.h"

namespace lmp::client {

// Whether to go on after a page.
enum class Paging { kContinue, kStop };

// Fetches page after page and passes each to `visit`, until there are no more or `visit` returns kStop. Returns the
// first error of a fetch; the pages before it have been visited. `request.page_token` may name the page to begin with.
//
//   ListCustomersRequest request;
//   absl::Status status = ForEachPage(
//       request, [&](const auto& r) { return client.ListCustomers(r); },
//       [&](const v1::ListCustomersResponse& page) { …; return Paging::kContinue; });
template <typename Request, typename Fetch, typename Visit>
absl::Status ForEachPage(Request request, Fetch fetch, Visit visit) {
  for (;;) {
    auto page = fetch(std::as_const(request));
    if (!page.ok()) return page.status();
    if (visit(std::as_const(*page)) == Paging::kStop || page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace lmp::client

#endif  // LMP_PAGINATION_H_
