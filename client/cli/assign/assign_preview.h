#ifndef LMP_CLIENT_CLI_ASSIGN_ASSIGN_PREVIEW_H_
#define LMP_CLIENT_CLI_ASSIGN_ASSIGN_PREVIEW_H_

#include <cstddef>
#include <ostream>

#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {

// True if a transferred license would end earlier than it does now.
bool ShortensTerm(const v1::AssignServicePlanResponse& response);

// Shows a person who decides what an assignment would do: each license with what becomes of it, the old subscriptions,
// what looks like a mistake, and every change. `width` is in columns; 0: no limit.
void RenderAssignPreview(const v1::AssignServicePlanResponse& response, size_t width, std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_ASSIGN_PREVIEW_H_
