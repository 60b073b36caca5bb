#ifndef LMP_CLIENT_CLI_STATUS_MACROS_H_
#define LMP_CLIENT_CLI_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the error of `expression` from the enclosing function, if it is one.
#define RETURN_IF_ERROR(expression)                                                  \
  do {                                                                               \
    if (absl::Status cli_status = (expression); !cli_status.ok()) return cli_status; \
  } while (false)

// Sets `target` to the value of `expression`, a StatusOr, or returns its error from the enclosing function.
#define ASSIGN_OR_RETURN(target, expression) ASSIGN_OR_RETURN_AT_(__LINE__, target, expression)
#define ASSIGN_OR_RETURN_AT_(line, target, expression) ASSIGN_OR_RETURN_NAMED_(line, target, expression)
#define ASSIGN_OR_RETURN_NAMED_(line, target, expression)         \
  auto cli_result_##line = (expression);                          \
  if (!cli_result_##line.ok()) return cli_result_##line.status(); \
  target = *std::move(cli_result_##line)

#endif  // LMP_CLIENT_CLI_STATUS_MACROS_H_
