#ifndef LMP_CLIENT_CLI_ASSIGN_ASSIGN_PREVIEW_H_
#define LMP_CLIENT_CLI_ASSIGN_ASSIGN_PREVIEW_H_

#include <cstddef>
#include <ostream>

#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {

// Whether a transferred license would end earlier than it does now.
bool ShortensTerm(const v1::AssignServicePlanResponse& response);

// What an assignment would do, for the one who decides: each license with what becomes of it, the old subscriptions,
// what looks like a mistake, and every change. In `width` columns, 0: in as many as it takes.
void RenderAssignPreview(const v1::AssignServicePlanResponse& response, size_t width, std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_ASSIGN_PREVIEW_H_
