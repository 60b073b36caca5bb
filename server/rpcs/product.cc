#include "server/domain/catalog/product.h"

#include <string>
#include <vector>

#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/lookup.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/wire/mutation_request.h"
#include "server/wire/product.h"

namespace lmp::rpcs {
namespace {

model::Footprint FootprintOfProduct(const std::string& id) { return {.products = {id}}; }

absl::Status RespondProduct(const model::World& world, const std::string& id, const domain::Env& env,
                            v1::Product* response) {
  ASSIGN_OR_RETURN(const model::Product* product, domain::FindProduct(world, id));
  wire::ToProto(*product, {world, env.today}, response);
  return absl::OkStatus();
}

Listing<v1::ListProductsRequest, v1::ListProductsResponse, model::Product, v1::Product> Products() {
  return {.orders = {{"display_name", "display_name"}}};
}

}  // namespace

std::vector<Rpc> ProductRpcs() {
  return {
      MutationRpc{.name = "CreateProduct",
                  .event = event::kProductCreated,
                  .needs = Permission::kManageCatalog,
                  .parse = wire::ParseCreateProduct,
                  .decide = domain::CreateProduct,
                  .render = wire::RenderProduct},
      QueryRpc{.name = "GetProduct",
               .needs = Permission::kReadCatalog,
               .parse = wire::ParseGetProduct,
               .footprint = FootprintOfProduct,
               .respond = RespondProduct},
      ListRpc{.name = "ListProducts", .needs = Permission::kReadCatalog, .list = Products()},
      MutationRpc{.name = "UpdateProduct",
                  .event = event::kProductUpdated,
                  .needs = Permission::kManageCatalog,
                  .parse = wire::ParseUpdateProduct,
                  .decide = domain::UpdateProduct,
                  .render = wire::RenderProduct},
      MutationRpc{.name = "ChangeSuiteComponents",
                  .event = event::kSuiteComponentsChanged,
                  .needs = Permission::kManageCatalog,
                  .parse = wire::ParseChangeSuiteComponents,
                  .decide = domain::ChangeSuiteComponents,
                  .render = wire::RenderProduct},
      MutationRpc{.name = "EndProductSale",
                  .event = event::kProductSaleEnded,
                  .needs = Permission::kManageCatalog,
                  .parse = wire::ParseNamed<v1::EndProductSaleRequest, domain::EndProductSaleCommand>,
                  .decide = domain::EndProductSale,
                  .render = wire::RenderProduct},
      MutationRpc{.name = "EndProductLife",
                  .event = event::kProductLifeEnded,
                  .needs = Permission::kManageCatalog,
                  .parse = wire::ParseEndProductLife,
                  .decide = domain::EndProductLife,
                  .render = wire::RenderProduct},
  };
}

}  // namespace lmp::rpcs
