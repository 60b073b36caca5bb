// Products and suites on the wire.
#ifndef LMP_SERVER_WIRE_PRODUCT_H_
#define LMP_SERVER_WIRE_PRODUCT_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/catalog/product.h"
#include "server/engine/write_engine.h"
#include "server/wire/resource.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

absl::StatusOr<domain::CreateProductCommand> ParseCreateProduct(const v1::CreateProductRequest& request,
                                                                const ServerContext& context);
absl::StatusOr<std::string> ParseGetProduct(const v1::GetProductRequest& request);
absl::StatusOr<domain::UpdateProductCommand> ParseUpdateProduct(const v1::UpdateProductRequest& request);
absl::StatusOr<domain::ChangeSuiteComponentsCommand> ParseChangeSuiteComponents(
    const v1::ChangeSuiteComponentsRequest& request);
absl::StatusOr<domain::EndProductLifeCommand> ParseEndProductLife(const v1::EndProductLifeRequest& request);

void RenderProduct(const engine::Decision& decided, const std::string& product_id, v1::Product* out);
void ToProto(const model::Product& row, const View& view, v1::Product* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PRODUCT_H_
