// RETURN_IF_ERROR and ASSIGN_OR_RETURN, with the meanings that code based on Abseil gives them. Abseil itself does not
// ship them (Debian 12: 20220623).
#ifndef LMP_STORAGE_STATUS_MACROS_H_
#define LMP_STORAGE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define LMP_STATUS_CONCAT_INNER(a, b) a##b
#define LMP_STATUS_CONCAT(a, b) LMP_STATUS_CONCAT_INNER(a, b)

// Returns the status from the enclosing function unless it is OK. (It uses __COUNTER__ so that it can stand in a lambda
// inside another use.)
#define RETURN_IF_ERROR(expr) LMP_RETURN_IF_ERROR_IMPL(LMP_STATUS_CONCAT(lmp_status_, __COUNTER__), expr)
#define LMP_RETURN_IF_ERROR_IMPL(status, expr)                     \
  do {                                                             \
    if (absl::Status status = (expr); !status.ok()) return status; \
  } while (false)

// Assigns the value of a StatusOr to `lhs` (which may declare), or returns its status from the enclosing function.
#define ASSIGN_OR_RETURN(lhs, expr) LMP_ASSIGN_OR_RETURN_IMPL(LMP_STATUS_CONCAT(lmp_status_or_, __COUNTER__), lhs, expr)
#define LMP_ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr)     \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)

#endif  // LMP_STORAGE_STATUS_MACROS_H_
