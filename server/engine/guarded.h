// The functions that we run are our own and do not throw. If one throws all the same, only its call fails and not the
// process.
#ifndef LMP_SERVER_ENGINE_GUARDED_H_
#define LMP_SERVER_ENGINE_GUARDED_H_

#include <exception>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace lmp::engine {

// Returns what `f` returns, a Status or StatusOr; INTERNAL if `f` throws.
template <class F>
auto Guarded(absl::string_view who, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat(who, " threw: ", error.what()));
  }
}

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_GUARDED_H_
